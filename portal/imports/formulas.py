"""What a spreadsheet runs when it opens a CSV file: a cell that begins with one of these. It is written with an apostrophe before it."""

from __future__ import annotations

# The last four are the full-width forms, which some spreadsheets take for the first four.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
