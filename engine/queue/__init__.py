"""Durable jobs: enqueued in the business transaction, leased, resumed, counted."""
