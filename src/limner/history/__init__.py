"""Histories: the events of shoppers in (at, id) order, and who is who."""
