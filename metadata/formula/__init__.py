"""The language of formulas: read, checked and typed here; computed by the engine."""
