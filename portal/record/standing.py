"""How the database stands to what was signed. Where the two disagree, the portal is read-only until somebody has looked.

The signer's state lies outside the database (`portal.record.state`), so a database that was put back to an older day, or rewritten, is
told from the one that was signed. Every process looks for itself: before it writes on a connection that is new, and every few seconds.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

from django.db import DatabaseError, connection

from portal.record import places, state
from portal.record.disk import replace

LOOK_SECONDS = 5.0
STANDS = """
SELECT (SELECT root FROM record_treehead WHERE size = %s),
       coalesce((SELECT size FROM record_treehead ORDER BY size DESC LIMIT 1), 0),
       EXISTS (SELECT 1 FROM record_checkpoint)
"""


class Reason(StrEnum):
    BEHIND = "behind"  # fewer facts than were signed: an older database was put back
    FORKED = "forked"  # another tree than the signed one
    LOST = "lost"  # checkpoints were published, and the signer's state is gone
    UNREADABLE = "unreadable"  # the signer's state is there and is not as it was written
    HALTED = "halted"  # what the signer found when it read the leaves themselves, or what somebody else holds a signature of


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing is written. `text`: a sentence for who runs the portal; it names no person."""

    reason: Reason
    text: str


class RecordReadOnly(Exception):
    """Nothing may be written: the database is not the one that was signed."""

    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble.text)
        self.trouble = trouble


_putting_right: ContextVar[bool] = ContextVar("putting_right", default=False)
_looked: WeakKeyDictionary[Any, tuple[Path, float, Trouble | None]] = WeakKeyDictionary()
_known: dict[Path, Trouble | None] = {}


def trouble() -> Trouble | None:
    """What is wrong, None where all is well; at most `LOOK_SECONDS` old, and fresh on a connection to the database that is new.

    A database is put back behind new connections only: no write slips in between. Raises DatabaseError where it is away.
    """
    connection.ensure_connection()
    session, where, now = connection.connection, places.state(), time.monotonic()
    kept = _looked.get(session)
    if kept is None or kept[0] != where or now >= kept[1]:
        kept = _looked[session] = (where, now + LOOK_SECONDS, look())
        _known[where] = kept[2]
    return kept[2]


def shown() -> Trouble | None:
    """As `trouble`, for a page: where the database is away, it says that in its own place."""
    try:
        return trouble()
    except DatabaseError:
        return None


def known() -> Trouble | None:
    """What this process found when it looked last, however long ago, for a page that must ask nobody; None where it never looked."""
    return _known.get(places.state())


def demand() -> None:
    """Raises RecordReadOnly unless all is well, or this is the command that puts it right."""
    if not _putting_right.get() and (found := trouble()):
        raise RecordReadOnly(found)


@contextmanager
def putting_right() -> Iterator[None]:
    """Inside, facts may be appended all the same: that the record was rolled forward, or that a new shard was opened."""
    before = _putting_right.set(True)
    try:
        yield
    finally:
        _putting_right.reset(before)
        forget()


def forget() -> None:
    """Look again at the next question: something was put right."""
    _looked.clear()
    _known.clear()


def look() -> Trouble | None:
    """Compare the database's tree with the signer's state now: one query by index and one small file."""
    try:
        halted, signed, kept = places.halted(), state.read(places.state()), places.state().exists()
        said = halted.read_text() if halted.exists() else ""
    except state.Unreadable as error:
        return Trouble(Reason.UNREADABLE, str(error))
    except OSError as error:
        return Trouble(Reason.UNREADABLE, f"the record’s files cannot be read: {error.strerror}. Let this process read RECORD_DIR")
    root, held, published = _database(signed.size)
    if not kept and published:
        return Trouble(Reason.LOST, "checkpoints were published, but the signer’s state (signer.json) is not there")
    return _judged(signed.size, signed.root, root, held) or (Trouble(Reason.HALTED, said.strip()) if said else None)


def contradiction(size: int, root: bytes) -> Trouble | None:
    """What a signed tree of `size` leaves and `root` says against the database, None where it holds that tree too."""
    found, held, _ = _database(size)
    return _judged(size, root, found, held)


def compare(known: Iterable[tuple[int, bytes]]) -> Trouble | None:
    """Hold the database to trees that others keep a good signature of this log for, such as witnesses: (size, root of 32 bytes) each.

    Where one contradicts it, every process is read-only from then on. The caller has checked the log's signature over each: a bare
    claim must not be able to stop the portal.
    """
    for size, root in known:
        if found := contradiction(size, root):
            halt(f"somebody else holds a signature that the database contradicts: {found.text}")
            return found
    return None


def halt(text: str) -> None:
    """Make every process read-only until `manage.py reconcile_record` has found all well. `text`: what was found, in a sentence."""
    path = places.halted()
    path.parent.mkdir(parents=True, exist_ok=True)
    replace(path, f"{text}\n".encode())
    forget()


def resume() -> None:
    """Take back what `halt` said."""
    places.halted().unlink(missing_ok=True)
    forget()


def _judged(size: int, root: bytes, found: bytes | None, held: int) -> Trouble | None:
    """`found`: the root that the database keeps for `size`, `held`: the size of its newest tree."""
    if size == 0 or found == root:
        return None
    if found is None and held < size:
        return Trouble(Reason.BEHIND, f"the database holds a tree of {held} facts, but {size} were signed: an older database was put back")
    return Trouble(Reason.FORKED, f"the database’s tree of {held} facts does not hold the tree of {size} that was signed")


def _database(size: int) -> tuple[bytes | None, int, bool]:
    """The root kept for a tree of `size`, the size of the newest tree, and whether a checkpoint was ever published.

    Past Django's own cursor: it belongs to the connection and not to the request that happens to be first on it.
    """
    connection.ensure_connection()
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        root, newest, published = cursor.execute(STANDS, [size]).fetchone()
    return (None if root is None else bytes(root)), newest, published
