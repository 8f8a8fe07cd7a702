"""Wait a moment for the checkpoint that covers what was just recorded, so that most proofs are there at the first look.

The caller is outside any transaction: a fact that is not committed is never placed.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.utils import timezone

from portal.postgres.base import rows
from portal.record import published

Found = TypeVar("Found")

AT_ONCE = 2  # of the four threads that a web process has (portal/local/run.py)
SECONDS = 2.0
EVERY = 0.025
PLACED_WITHIN = 5.0  # seconds that a fact may wait while the clock keeps the record
COVERED = """
SELECT 1 FROM record_fact WHERE id = %s AND leaf_index < (SELECT size FROM record_checkpoint ORDER BY id DESC LIMIT 1)
"""
SIGNED_WITHIN = timedelta(seconds=75)  # a checkpoint is signed at least every minute

_places = threading.BoundedSemaphore(AT_ONCE)


def wait_for(look: Callable[[], Found | None], *, seconds: float = SECONDS) -> Found | None:
    """What `look` finds, looking again and again for up to `seconds`; None where it finds nothing by then.

    Where the record stands still nothing is waited for: a stopped clock must not hold up the web workers. Nor may they all wait at
    once: beyond `AT_ONCE` waiting threads of a process, others look once and go on.
    """
    found = look()
    if found is not None or stands_still() or not _places.acquire(blocking=False):
        return found
    try:
        return _wait(look, time.monotonic() + seconds)
    finally:
        _places.release()


def _wait(look: Callable[[], Found | None], end: float) -> Found | None:
    found = None
    while found is None and time.monotonic() < end:
        time.sleep(EVERY)
        found = look()
    return found


def covered(fact_id: int) -> bool | None:
    """True once a checkpoint covers the fact, and None until then: what `wait_for` may look for."""
    return bool(rows(COVERED, [fact_id])) or None


def stands_still() -> bool:
    """Whether nobody evidently keeps the record: nothing was signed lately, or a fact has waited for its place too long."""
    newest = published.newest()
    return newest is None or timezone.now() - newest.signed_at > SIGNED_WITHIN or published.window().seconds > PLACED_WITHIN
