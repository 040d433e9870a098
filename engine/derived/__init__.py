"""Stored computed fields: filled with the record, and again when what they read changes.

All of it happens in the transaction of the change. Derived values bump neither a record's version
nor its ``updated_at``, and are no part of its history: they follow from what is.
"""
