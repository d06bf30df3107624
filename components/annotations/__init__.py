"""What the annotations page is made of."""
