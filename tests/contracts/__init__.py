"""Every implementation of a contract against every promise of it."""
