"""Pages, API and command line over the engine. Knows HTTP and no SQL."""
