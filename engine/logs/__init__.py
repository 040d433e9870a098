"""The three logs as administrators read them: signing in, data, and the site itself."""
