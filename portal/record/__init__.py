"""Facts that nobody can rewrite: append them here, inside the transaction that makes them true.

Import from the modules: `appending` (append, append_all, now, actors), `canonical` (iso), `models` (Fact).
"""
