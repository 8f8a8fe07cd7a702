"""Put the record's tables back to an older day, and forward again: what restoring a dump does, done to the rows that differ."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
from django.conf import settings

TABLES = ("record_fact", "record_chain", "record_treehead", "record_checkpoint")
AFTER = {
    "record_fact": "leaf_index >= {size}",
    "record_chain": "subject IN (SELECT subject FROM kept_record_fact)",
    "record_treehead": "size > {size}",
    "record_checkpoint": "size > {size} OR id > {checkpoint}",
}
OLDER_CHAINS = """
INSERT INTO record_chain (subject, seq, head, at)
SELECT DISTINCT ON (subject) subject, subject_seq, leaf_hash, at FROM record_fact
WHERE subject IN (SELECT subject FROM kept_record_fact) ORDER BY subject, subject_seq DESC
"""


@dataclass(frozen=True, slots=True)
class Day:
    """How far the record had come. Every fact has its place."""

    size: int
    checkpoint: int


def today() -> Day:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        query = "SELECT (SELECT max(size) FROM record_treehead), (SELECT max(id) FROM record_checkpoint)"
        size, checkpoint = owner.execute(query).fetchone() or (0, 0)
        return Day(size, checkpoint)


@contextmanager
def put_back(day: Day) -> Iterator[None]:
    """The database of that day, for as long as the block lasts; then the newest again."""
    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as owner:
        with _unguarded(owner):
            for table in TABLES:
                which = AFTER[table].format(size=day.size, checkpoint=day.checkpoint)
                owner.execute(f"CREATE TEMP TABLE kept_{table} AS SELECT * FROM {table} WHERE {which}".encode())  # noqa: S608
                owner.execute(f"DELETE FROM {table} WHERE {which}".encode())  # noqa: S608 - names of our own tables
            owner.execute(OLDER_CHAINS.encode())
        yield
        with _unguarded(owner):
            owner.execute(b"DELETE FROM record_chain WHERE subject IN (SELECT subject FROM kept_record_fact)")
            for table in TABLES:
                owner.execute(f"INSERT INTO {table} SELECT * FROM kept_{table}; DROP TABLE kept_{table}".encode())  # noqa: S608


@contextmanager
def _unguarded(owner: psycopg.Connection[Any]) -> Iterator[None]:
    with owner.transaction():
        for table in TABLES:
            owner.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER".encode())
        yield
        owner.execute(b"SET CONSTRAINTS ALL IMMEDIATE")  # a table with checks still to come cannot be altered
        triggers = "SELECT tgrelid::regclass, tgname FROM pg_trigger WHERE tgrelid = ANY(%s::regclass[]) AND NOT tgisinternal"
        for table, trigger in owner.execute(triggers, [list(TABLES)]).fetchall():
            owner.execute(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {trigger}".encode())
