"""Django's PostgreSQL backend with less talk: a pooled connection is looked at instead of asked, and hot statements are planned once."""
