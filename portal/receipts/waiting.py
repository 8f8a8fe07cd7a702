"""Wait a moment for the checkpoint that covers what was just recorded, so that most proofs are there at the first look.

The caller is outside any transaction: a fact that is not committed is never placed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.utils import timezone

from portal.record import published

Found = TypeVar("Found")

SECONDS = 2.0
EVERY = 0.025
PLACED_WITHIN = 5.0  # seconds that a fact may wait while the clock keeps the record
SIGNED_WITHIN = timedelta(seconds=75)  # a checkpoint is signed at least every minute


def wait_for(look: Callable[[], Found | None], *, seconds: float = SECONDS) -> Found | None:
    """What `look` finds, looking again and again for up to `seconds`; None where it finds nothing by then.

    Where the record stands still nothing is waited for: a stopped clock must not hold up the web workers.
    """
    found, end = look(), time.monotonic() + seconds
    if found is None and stands_still():
        return None
    while found is None and time.monotonic() < end:
        time.sleep(EVERY)
        found = look()
    return found


def stands_still() -> bool:
    """Whether nobody evidently keeps the record: nothing was signed lately, or a fact has waited for its place too long."""
    newest = published.newest()
    return newest is None or timezone.now() - newest.signed_at > SIGNED_WITHIN or published.window().seconds > PLACED_WITHIN
