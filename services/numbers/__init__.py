"""What was asked of this site, counted: how much, how quickly, at what cost, and how people liked it."""
