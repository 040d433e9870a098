"""The screen of roles: what a role grants, to whom, changed by the one publish road."""
