"""The machine that reads profiles: features compiled to one pass over many histories."""
