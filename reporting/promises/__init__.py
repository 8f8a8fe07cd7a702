"""By when a reporter hears: a deadline of its own, kept by whoever writes to them, and missed on the record."""
