"""What the gaps page is made of."""
