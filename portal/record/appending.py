"""Append facts. The caller is inside its own transaction: the fact and what it tells of commit together or not at all."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple, Protocol

from django.db import connection

from portal.postgres.base import Row, rows
from portal.record import standing
from portal.record.canonical import Json, canonical
from portal.record.models import Fact

# Subjects are taken in one order, so that two writers of the same chains queue instead of deadlocking.
INSERT = """
INSERT INTO record_fact (kind, subject, actor, facts, sealed)
SELECT kind, subject, actor, facts, sealed
FROM unnest(%b::text[], %b::text[], %b::text[], %b::text[], %b::text[])
    WITH ORDINALITY AS given (kind, subject, actor, facts, sealed, place)
ORDER BY subject, place
RETURNING """
WHOLE = INSERT + "id, kind, subject, actor, facts, sealed, subject_seq, at, prev, leaf_hash, leaf_index, leaf_version"
UNREAD = INSERT + "1"


class HasKey(Protocol):
    @property
    def pk(self) -> uuid.UUID: ...


NOTHING: Mapping[str, str] = MappingProxyType({})


class Entry(NamedTuple):
    """One fact to append. See `append` for the fields."""

    kind: str
    subject: str
    actor: str
    facts: Mapping[str, Json] = NOTHING
    sealed: Mapping[str, str] = NOTHING


def append(
    *, kind: str, subject: str, actor: str, facts: Mapping[str, Json] | None = None, sealed: Mapping[str, str] | None = None
) -> Fact:
    """Append one fact and return it with the time, place and hash that PostgreSQL gave it.

    kind: dotted, past tense, such as `report.sent`. subject: `noun:key`, the chain it joins. actor: `person_actor` or `process_actor`.
    facts: keys, states and times, never private content. sealed: what `vault.seal` returned for the private fields.
    Raises RuntimeError outside a transaction, ValueError for a value that has no canonical form, and standing.RecordReadOnly while the
    database is not the one that was signed.
    """
    return append_all([Entry(kind=kind, subject=subject, actor=actor, facts=facts or {}, sealed=sealed or {})])[0]


def append_all(entries: Sequence[Entry]) -> list[Fact]:
    """Append many facts in one statement; return them ordered by subject, then in the order given."""
    made: Callable[..., Fact] = Fact  # the columns of WHOLE are the model's, in its order
    return [made(*row) for row in _insert(entries, WHOLE)]


def append_unread(entries: Sequence[Entry]) -> int:
    """As `append_all`, for many that nobody looks at; return how many."""
    return len(_insert(entries, UNREAD))


def _insert(entries: Sequence[Entry], statement: str) -> list[Row]:
    if not connection.in_atomic_block:
        raise RuntimeError("record.append belongs inside the transaction that makes the fact true")
    if not entries:
        return []
    standing.demand()
    columns = [
        [entry.kind for entry in entries],
        [entry.subject for entry in entries],
        [entry.actor for entry in entries],
        [canonical(entry.facts) if entry.facts else "{}" for entry in entries],
        [canonical(entry.sealed) if entry.sealed else "{}" for entry in entries],
    ]
    return rows(statement, columns)


def now() -> datetime:
    """The database's clock, the only one that deadlines are measured by."""
    ((at,),) = rows("SELECT clock_timestamp()")
    read: datetime = at
    return read


def person_actor(person: HasKey) -> str:
    return f"person:{person.pk}"


def process_actor(name: str) -> str:
    """An unattended process as actor, such as `process:clock`."""
    return f"process:{name}"
