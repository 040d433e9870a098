"""Jobs that look after what is there: indexes, checks of records, search entries."""
