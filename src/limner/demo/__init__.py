"""A simulated shop whose shoppers' true interests are known, and its live show."""
