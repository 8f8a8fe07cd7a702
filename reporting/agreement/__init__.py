"""Holding the rows of this room against the facts about them, for `verify_record`."""
