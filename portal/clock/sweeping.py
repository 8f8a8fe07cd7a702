"""Fire what is due; where more is due than one batch, with a helper, so that Python and PostgreSQL both have work to do all the time."""

from __future__ import annotations

import gc
import logging
import time
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from reporting.escalation.lapsing import fire_due

log = logging.getLogger(__name__)
FIRST, BATCH = 100, 1_000
SECONDS = 1.0  # after so long the clock turns to its other work for a moment


def sweep() -> int:
    """Fire due deadlines for a second at most; return `BATCH` where more may be due, else fewer.

    Another clock may be at it too: they share. A first few are fired alone, for an ordinary round has a handful.
    """
    fired = fire_due(most=FIRST)
    if fired == FIRST:
        until = time.monotonic() + SECONDS
        with ThreadPoolExecutor(1, thread_name_prefix="sweeper") as pool:
            helper = pool.submit(_help, until)
            fired = _until(until)
            helper.result()
        log.info("many deadlines fired")
    elif fired:
        log.info("%s deadlines fired", fired)
    return fired


def collect_seldom() -> None:
    """Let Python look for garbage after a batch's worth of objects and not hundreds of times in it: a quarter of a sweep's time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _until(until: float) -> int:
    """Fire batch after batch; what the last one came to."""
    fired = BATCH
    while fired == BATCH and time.monotonic() < until:
        fired = fire_due(most=BATCH)
    return fired


def _help(until: float) -> None:
    try:
        _until(until)
    finally:
        connection.close()
