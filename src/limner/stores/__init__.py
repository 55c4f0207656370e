"""Where histories live: one contract, several stores, one conformance suite."""
