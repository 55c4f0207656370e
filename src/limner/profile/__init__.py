"""Definitions: what a profile holds, loaded, checked and rendered."""
