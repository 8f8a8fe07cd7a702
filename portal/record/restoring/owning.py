"""The owner's connection for an operator's command, and the one place where the record's triggers are ever set aside.

They are set aside inside a transaction that holds the tables alone, and fire always again before it ends: no other session ever sees
them off, and a crash puts them back.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dj_database_url
from django.conf import settings
from django.db import connection, connections, transaction

from portal.postgres.base import rows
from portal.record.sequencing import LOCK

TABLES = "record_fact, record_treehead, record_chain"
TRIGGERS = [("record_fact", "record_fact_complete"), ("record_fact", "record_fact_keep"), ("record_treehead", "record_treehead_keep")]


class Refused(Exception):
    """What was asked cannot be done; the text says why, and what to do next."""


@contextmanager
def as_owner() -> Iterator[None]:
    """Inside, Django's connection of this thread logs in as the database's owner (`DATABASE_OWNER_URL`)."""
    given = connections["default"]
    owner = given.copy()
    login: dict[str, Any] = dict(dj_database_url.parse(settings.DATABASE_OWNER_URL))
    options = {**given.settings_dict["OPTIONS"], **login.get("OPTIONS", {}), "pool": False}
    owner.settings_dict |= {name: login[name] for name in ("NAME", "USER", "PASSWORD", "HOST", "PORT")} | {"OPTIONS": options}
    connections["default"] = owner
    try:
        yield
    finally:
        owner.close()
        connections["default"] = given


@contextmanager
def alone() -> Iterator[None]:
    """Keep every clock from placing and signing meanwhile. Raises Refused where one is at it."""
    if not rows("SELECT pg_try_advisory_lock(%s)", [LOCK])[0][0]:
        raise Refused("A clock is placing and signing facts. Stop it, and run this again.")
    try:
        yield
    finally:
        rows("SELECT pg_advisory_unlock(%s)", [LOCK])


@contextmanager
def rewriting() -> Iterator[None]:
    """One transaction, as the owner, in which rows of the record may be given the ids, times and places that were signed."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL lock_timeout = '60s'")
        cursor.execute(f"LOCK TABLE {TABLES} IN ACCESS EXCLUSIVE MODE")
        for table, trigger in TRIGGERS:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
        yield


def guarded_again() -> None:
    """End what `rewriting` set aside, in the same transaction: from here on only the triggers' way in is open."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        for table, trigger in TRIGGERS:
            cursor.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}")
