"""Who may do what: sign-in, sessions, tokens, roles. The only maker of access predicates."""
