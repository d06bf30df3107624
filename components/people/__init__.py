"""The page of people: who was seen, one person's card, and a conversation of theirs to be read."""
