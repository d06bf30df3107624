"""What is kept besides conversations and messages: one module for each kind of row."""
