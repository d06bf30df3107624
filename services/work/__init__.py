"""What the staff keeps beside conversations: state, tags and notes, views of the list, ready prompts."""
