"""The language of definitions: events and their columns, features, and how they compose."""
