"""The HTTP API: one set of routes for every object, generated from the published metadata."""
