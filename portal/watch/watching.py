"""Raise an alarm when a figure passes its limit, once an episode, and say when it is well again.

The clock asks every ten seconds and a worker every half minute: a clock that died is told of by the worker, a worker that died by the
clock, which then delivers notices itself (`stand_in`).
"""

from __future__ import annotations

import logging

from django.db import transaction

from portal.notices.delivering import deliver_batch
from portal.notices.outbox import put_all
from portal.postgres.base import rows
from portal.watch import figures, telling
from portal.watch.models import Alarm

log = logging.getLogger(__name__)
RAISE = """
INSERT INTO watch_alarm (figure, since) SELECT figure, clock_timestamp() FROM unnest(%s::text[]) AS past (figure)
ON CONFLICT (figure) WHERE well_at IS NULL DO NOTHING RETURNING figure, id
"""
END = "UPDATE watch_alarm SET well_at = clock_timestamp() WHERE well_at IS NULL AND figure = ANY(%s::text[]) RETURNING figure, id"
BEAT = "INSERT INTO clock_heartbeat (name, at) VALUES (%s, clock_timestamp()) ON CONFLICT (name) DO UPDATE SET at = EXCLUDED.at RETURNING 1"
UNDELIVERED = ("notice", "worker")


def watch() -> int:
    """Look, raise, end and tell; how many alarms began or ended."""
    found = {reading.figure.code: reading for reading in figures.read()}
    with transaction.atomic():
        begun: dict[str, int] = dict(rows(RAISE, [[code for code, one in found.items() if not one.is_well]]))
        over: dict[str, int] = dict(rows(END, [[code for code, one in found.items() if one.is_well_again]]))
        put_all([*telling.begun(found, begun), *telling.over(found, over)])
    for code in begun:
        log.error("%s: %.0f seconds", found[code].figure.wrong, found[code].seconds)
    for code in over:
        log.info("%s is well again", code)
    return len(begun) + len(over)


def stand_in() -> int:
    """Deliver a batch of notices if nobody does: alarms about workers must not wait for workers. How many were taken up."""
    if not Alarm.objects.filter(well_at=None, figure__in=UNDELIVERED).exists():
        return 0
    return deliver_batch()


def beat(name: str) -> None:
    """Leave a sign of life at the database's time."""
    rows(BEAT, [name])
