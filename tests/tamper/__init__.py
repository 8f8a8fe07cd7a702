"""`make tamper`: what a database superuser can do to the record, ten thousand times over, and whether an export shows it."""
