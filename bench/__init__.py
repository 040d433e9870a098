"""Measures the product on a database of real size; `make bench` runs it. Nothing depends on it."""
