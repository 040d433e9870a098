"""The ways in: by password, link, provider and second step; and looking through another's eyes."""
