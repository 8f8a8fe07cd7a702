"""Keep the record: place committed facts and sign the tree, round after round, in one process at a time.

Several clocks may run. One leads, by an advisory lock that PostgreSQL lets go when its connection ends; the others try at every round.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import psycopg
from django.db import transaction
from psycopg import Connection

from portal.postgres import leases
from portal.record import keys, standing
from portal.record.appending import append, process_actor
from portal.record.models import Fact
from portal.record.sequencing import BATCH, LOCK, ROUND, sequence
from portal.record.signing import Diverged, Signer

KEYS = "record:keys"
# A leader asks something ten times a second. One that has hung, or whose host is gone, is silent, and PostgreSQL lets another lead.
LEASE = leases.options(silent_seconds=leases.SECONDS)
LATE_SECONDS = 120.0  # well within the 600 of docs/record-format.md, "An export"
LATE = "SELECT EXISTS (SELECT 1 FROM record_fact WHERE leaf_index IS NULL AND at < clock_timestamp() - %s * interval '1 second')"


class Keeper:
    """`url`: the database as the sequencer role. `base`: the log's origin."""

    def __init__(self, url: str, base: str) -> None:
        self.url, self.base = url, base
        self._connection: Connection[Any] | None = None
        self._signer: Signer | None = None

    def round(self, *, most: int = BATCH) -> int:
        """Place up to `most` facts and sign; how many were placed, 0 where another process leads. Raises as `Signer.sign`."""
        try:
            if self._signer is None and not self._lead():
                return 0
            return self._keep(most)
        except Diverged as error:
            self.close()
            standing.forget()
            if standing.trouble() is None:  # the others cannot see it from sizes and roots: tell them
                standing.halt(str(error))
            raise
        except BaseException:  # whatever was half done is read anew from the disk by whoever leads next
            self.close()
            raise

    def close(self) -> None:
        """Let another lead."""
        connection, self._connection, self._signer = self._connection, None, None
        if connection is not None:
            with suppress(psycopg.Error):  # the server notices a closed connection a moment later; whoever leads next need not wait for it
                connection.execute("SELECT pg_advisory_unlock_all()")
            with suppress(psycopg.Error):
                connection.close()

    def _lead(self) -> bool:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self.url, autocommit=True, options=LEASE)
        if not _value(self._connection, "SELECT pg_try_advisory_lock(%s)", LOCK):
            return False
        self._signer = Signer(self.base)
        self._signer.head(self._connection)
        introduce_keys(self._signer.last.origin(self.base))
        return True

    def _keep(self, most: int) -> int:
        assert self._connection is not None  # noqa: S101 - for the type checker: there is a signer only where there is a connection
        assert self._signer is not None  # noqa: S101
        if not _value(self._connection, "SELECT pg_try_advisory_lock(%s)", ROUND):
            return 0
        try:
            self._signer.head(self._connection)
            placed = sequence(self._connection, most=most)
            if placed < most or not self._late_ones_wait():
                self._signer.sign(self._connection)
            return placed
        finally:
            if not self._connection.closed:
                self._connection.execute("SELECT pg_advisory_unlock(%s)", [ROUND])

    def _late_ones_wait(self) -> bool:
        """Whether facts wait that were written long ago: after an outage there may be more than one round takes.

        A checkpoint now would leave them out, and an auditor would have to take them for facts slipped in later.
        """
        assert self._connection is not None  # noqa: S101 - for the type checker
        row = self._connection.execute(LATE, [LATE_SECONDS]).fetchone()
        return bool(row and row[0])


def introduce_keys(origin: str) -> None:
    """Make the keys that are not there, and append `record.key_introduced` for each that the record does not know yet."""
    keys.log_keys()
    keys.private_key(keys.PORTAL)
    with transaction.atomic():
        told = Fact.objects.for_subject(KEYS).of_kind("record.key_introduced", "record.key_changed")
        known = {fact.data.get("vkey") or fact.data["new"] for fact in told}
        for key in keys.public_keys(origin):
            if str(key) not in known:
                facts = {"use": "portal" if key.name == keys.portal_name(origin) else "log", "vkey": str(key)}
                append(kind="record.key_introduced", subject=KEYS, actor=process_actor("clock"), facts=facts)


def _value(connection: Connection[Any], query: str, lock: int) -> bool:
    row = connection.execute(query.encode(), [lock]).fetchone()
    return bool(row and row[0])
