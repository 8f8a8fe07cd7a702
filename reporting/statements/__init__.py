"""Statements of duty: what each party is given, read from the facts alone, in words, as a file and on paper."""
