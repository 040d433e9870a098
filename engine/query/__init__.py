"""Lists, counts, sums and search: everything that reads records, always by an access predicate."""
