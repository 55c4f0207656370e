"""The engine: a definition over a store, for one shopper or for everybody."""
