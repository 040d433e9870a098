"""Metadata changes while it runs: draft, plan, one publish transaction, every worker serves it."""
