"""Tables, records, rights, publishing, search and jobs. Knows no HTTP and no HTML."""
