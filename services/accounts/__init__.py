"""People who have an account here: their passwords, their sessions, and what slows guessing down."""
