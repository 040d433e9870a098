"""What stands before every page and call: hosts, headers, sessions, tokens, CSRF, errors."""
