"""How long PostgreSQL keeps locks for somebody it hears nothing from: a process that hangs, a host that vanished, a pulled cable."""

from __future__ import annotations

from django.db import connections

SECONDS = 3  # the next round of whoever lives comes well within five


def options(*, silent_seconds: int = 0) -> str:
    """For libpq's `options`: end a session that is silent in a transaction, or whose host does not answer, after `SECONDS`.

    `silent_seconds`: also one that is silent outside a transaction; 0: not. Keep-alives count on TCP alone; on a socket they are nothing.
    """
    given = {
        "idle_in_transaction_session_timeout": f"{SECONDS}s",
        "idle_session_timeout": f"{silent_seconds}s",
        "tcp_keepalives_idle": "1",
        "tcp_keepalives_interval": "1",
        "tcp_keepalives_count": "2",
        "tcp_user_timeout": f"{SECONDS}s",
    }
    return " ".join(f"-c {name}={value}" for name, value in given.items())


def take() -> None:
    """Have every connection of this process made on these terms. Call it before the first: a process that always runs does."""
    found = connections["default"].settings_dict["OPTIONS"]
    found["options"] = f"{found.get('options', '')} {options()}".strip()
