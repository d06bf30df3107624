"""What becomes of people's data: hidden in exports, kept for so long, erased on request."""
