"""Field types: what kinds of value a record can have."""
