"""The database: connections, kernel tables, the ledger, and tables made from objects."""
