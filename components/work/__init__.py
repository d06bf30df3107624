"""The work on conversations, as pages show it: its list, the panel beside a conversation, ready prompts."""
