"""Formulas at work: as Python functions over a record, and as SQL expressions over a query."""
