"""Hours: when a unit or a post works, which days are closed, and how long is left when only those hours count."""
