"""The machine that reads profiles: one compiled pass over many histories."""
