"""The write gateway, one file per verb, and the read gateway of screens and API."""
