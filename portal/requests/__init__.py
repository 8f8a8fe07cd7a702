"""Requests that take two persons: one asks, with a reason; another reads it and decides. Rooms say what is asked for and what follows."""
