"""How values are drawn: cells of lists and controls of forms, one widget per field type."""
