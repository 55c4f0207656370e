"""What happened in the shop: kinds, identifiers, money, records and full events."""
