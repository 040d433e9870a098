"""What happened to records: append-only, keyed by field ids, with the text people saw."""
