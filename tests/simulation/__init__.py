"""Seeded storms of events against a naive twin."""
