"""Read the record as it was at one moment, at which all that was placed was signed too."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import Connection

from portal.record import places, state
from portal.record.sequencing import ROUND

WAIT_SECONDS = 60.0


class Busy(Exception):
    """A round of the clock did not end; the text says what to do."""


@contextmanager
def snapshot() -> Iterator[tuple[Connection[Any], state.Signed]]:
    """A connection in one read-only snapshot, and what the signer had signed by then.

    It is the auditor's where `DATABASE_AUDITOR_URL` is set, and Django's own otherwise. Django's is in a snapshot of its own then, for the
    tables that an auditor may not read. The clock's lock is held until the snapshots are taken and no longer, so nothing waits while the
    record is read. Raises Busy and state.Unreadable, and RuntimeError inside a transaction, whose snapshot would be older.
    """
    if connection.in_atomic_block:
        raise RuntimeError("the record is read in a transaction of its own")
    connection.ensure_connection()
    own: Connection[Any] = connection.connection
    with ExitStack() as ended:
        raw = ended.enter_context(_auditor()) if settings.DATABASE_AUDITOR_URL else own
        yield from _at_one_moment(raw, own)


def _auditor() -> Connection[Any]:
    return psycopg.connect(settings.DATABASE_AUDITOR_URL, autocommit=True, connect_timeout=5)


def _at_one_moment(raw: Connection[Any], own: Connection[Any]) -> Iterator[tuple[Connection[Any], state.Signed]]:
    _take(raw)
    held = True
    try:
        with transaction.atomic(), raw.transaction() if raw is not own else ExitStack():
            for each in {raw, own}:
                _begin(each)
            signed = state.read(places.state())
            _let_go(raw)
            held = False
            yield raw, signed
    finally:
        if held:
            _let_go(raw)


def _begin(raw: Connection[Any]) -> None:
    """Settle a transaction that was just begun. It may last as long as the record is long, for it writes nothing that could come late."""
    raw.execute("SET LOCAL cursor_tuple_fraction = 1")  # every cursor here is read to its end
    raw.execute("SET LOCAL work_mem = '64MB'")
    raw.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
    if raw.info.server_version >= 170000:
        raw.execute("SET LOCAL transaction_timeout = 0")
    raw.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    raw.execute("SELECT count(*) FROM record_treehead WHERE size < 0")  # the first query takes the snapshot


def _take(raw: Connection[Any]) -> None:
    until = time.monotonic() + WAIT_SECONDS
    while True:
        row = raw.execute("SELECT pg_try_advisory_lock(%s)", [ROUND]).fetchone()
        if row and row[0]:
            return
        if time.monotonic() > until:
            raise Busy("The clock has been placing and signing facts for a minute. Try again when it has caught up.")
        time.sleep(0.02)


def _let_go(raw: Connection[Any]) -> None:
    if not raw.closed:
        raw.execute("SELECT pg_advisory_unlock(%s)", [ROUND])
