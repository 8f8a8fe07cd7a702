"""Destroying sealed words of other rooms: one person asks, another decides, the record says so, and a backup does not undo it."""
