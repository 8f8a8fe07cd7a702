"""Figures about duties, counted up beforehand, less what a reader must not learn of."""
