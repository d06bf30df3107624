"""Programs that use public Dify clients as their manuals say; each runs where its client is installed."""
