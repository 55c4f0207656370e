"""What stores do beyond their contract, and what is made for their tests."""
