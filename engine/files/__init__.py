"""Files of records: content kept once under its digest, rows that say whose it is."""
