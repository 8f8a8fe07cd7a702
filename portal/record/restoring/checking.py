"""Hold what was put right to everything that is known of the record, before it goes on."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import connection, transaction

from portal.record import places
from portal.record.agreeing import PLACED, Row, Walk, disagreements, stream
from portal.record.restoring.owning import Refused
from portal.record.snapshots import Busy
from portal.record.verifying import Mismatch, verify


def check_rows() -> None:
    """That every row of the record agrees with every other, in the transaction that changed them. Raises Refused."""
    raw = connection.connection
    for one in (*Walk(raw).disagreements(), *disagreements(raw)):
        if one.code != "waiting":  # the clock places what waits once it is let go on
            raise _disagrees(one.said)


def check_all() -> None:
    """The whole record against all that was signed. What other tables have lost is no reason to refuse: it is listed."""
    try:
        verify()
    except Busy as error:
        raise Refused(str(error)) from error
    except Mismatch as error:
        if error.code == "mirror" and places.mirror().size():
            raise Refused(
                f"{error}. The database gives the root that was signed, so it is the mirror that is wrong: put back a copy of "
                "RECORD_DIR/leaves, or move it away and run this again. It is made anew from the database."
            ) from error
        if error.code not in ("room", "mirror"):
            raise _disagrees(str(error)) from error


def check_mirror() -> None:
    """That the mirror, as far as it reaches, holds the database's leaves: what it holds beyond them may have been signed."""
    try:
        with transaction.atomic():
            _compare(places.mirror().read(), stream(connection.connection, "record_placed", PLACED))
    except UnicodeDecodeError as error:
        raise Refused(
            "The mirror holds bytes that are no text. Put back a copy of RECORD_DIR/leaves, or remove it: it is made again."
        ) from error


def _compare(mirrored: Iterator[str], placed: Iterator[Row]) -> None:
    for leaf, row in zip(mirrored, placed, strict=False):
        if leaf.encode() != row[5]:
            raise Refused(
                f"Leaf {row[4]} of the mirror is not the database’s. Put back copies of RECORD_DIR/leaves and of signer.json from the "
                "same day; where there are none, open a new shard with --new-shard."
            )


def _disagrees(said: str) -> Refused:
    return Refused(
        f"The record does not agree with itself: {said}. Put back a backup from before that and run this again; where there is none, open "
        "a new shard with --new-shard."
    )
