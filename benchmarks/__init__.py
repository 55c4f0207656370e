"""Measurements: each prints what a plain alternative does beside its own figure."""
