"""The language of definitions: events, columns and features, and how they compose."""
