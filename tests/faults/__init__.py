"""Fault injection: kill processes, crash PostgreSQL, take Redis away, set clocks wrong; no lapse may be lost, doubled or early."""
