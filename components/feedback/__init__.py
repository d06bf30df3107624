"""What the page of feedback is made of."""
