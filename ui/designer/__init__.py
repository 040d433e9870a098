"""The designer: customising a running site by hand, draft first, then one publish."""
