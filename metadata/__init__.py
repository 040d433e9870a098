"""Documents: strict loading, layers, checks and packs. Plain data; imports nothing above."""
