"""What the numbers page is made of."""
