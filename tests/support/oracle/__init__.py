"""An oracle of rights: random companies, what a slow model says, and every way to read."""
