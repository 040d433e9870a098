"""Files in and out: import of CSV and XLSX, export, sample data."""
