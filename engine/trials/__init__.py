"""Running what a pack proves of itself, in databases that nobody else sees."""
