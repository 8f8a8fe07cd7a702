"""Put notices in the outbox, inside the transaction they tell of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from django.db import connection

from portal.people.models import Person
from portal.postgres.base import rows

INSERT = """
INSERT INTO notices_outbox (to_id, kind, subject, body, link, dedupe)
SELECT * FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[]) ON CONFLICT (dedupe) DO NOTHING
RETURNING 1
"""


class Notice(NamedTuple):
    """to: who is told. kind: dotted, such as `duty.passed`. link: an address inside the portal. dedupe: the same key is told once."""

    to: Person
    kind: str
    subject: str
    body: str
    link: str
    dedupe: str


def put(*, to: Person, kind: str, subject: str, body: str, link: str, dedupe: str) -> None:
    """Put one notice in the outbox. See `Notice`; raises RuntimeError outside a transaction."""
    put_all([Notice(to=to, kind=kind, subject=subject, body=body, link=link, dedupe=dedupe)])


def put_all(notices: Sequence[Notice]) -> None:
    """Put many in one statement; those whose dedupe key is there already are left out."""
    if not connection.in_atomic_block:
        raise RuntimeError("notices.put belongs inside the transaction that it tells of")
    if notices:
        people, *columns = (list(column) for column in zip(*notices, strict=True))
        rows(INSERT, [[person.id for person in people], *columns])
