"""Questions that got no good answer, grouped by likeness, and what curators made of each group."""
