"""Pipelines, approvals, automations and timers over records. Knows no HTTP."""
