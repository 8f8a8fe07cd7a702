"""How those who work on a report work on it together: notes, links, findings, checklists, and who at a desk does it."""
