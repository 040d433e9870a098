"""What is done to the site beside records: who, when, what; written with the deed itself."""
