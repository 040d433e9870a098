"""Bulk actions: the same thing done with many records, as a job, with an outcome for each."""
