"""Webhooks: events of the outbox, sent to addresses that administrators chose."""
