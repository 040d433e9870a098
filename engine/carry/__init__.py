"""Carrying a whole database elsewhere: backup, restore, move; equal to the row, by digests."""
