"""Everything but PostgreSQL gone for two hours, and clocks of processes that are two hours wrong."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import time_machine
from django.conf import settings
from redis import Redis as Client

from portal.local.redis_server import Redis
from portal.people.models import Person
from tests.faults import hands, world
from tests.faults.nursery import Nursery

TWO_HOURS = 7200.0
DUE = """
SELECT (SELECT count(*) FROM reporting_duty WHERE next_due_at <= clock_timestamp()), (SELECT count(*) FROM reporting_promise AS promise
    JOIN reporting_report AS report ON report.id = promise.report_id
    WHERE promise.state = 'open' AND report.state = 'open' AND promise.due_at <= clock_timestamp())
"""
FIRED = """
WITH fired AS (
    SELECT fired_at AS at, 1 AS lapse, 0 AS promise FROM reporting_lapse
    UNION ALL SELECT ended_at, 0, 1 FROM reporting_promise WHERE state = 'missed'
)
SELECT coalesce(sum(lapse), 0), coalesce(sum(promise), 0), coalesce(extract(epoch FROM max(at) - %(began)s::timestamptz), 0)
FROM fired WHERE at >= %(began)s
"""
# A duty that began by a wrong clock, or that runs longer or shorter than its level says.
MOVED = """
SELECT count(*) FROM reporting_duty AS duty JOIN record_fact AS fact
    ON fact.kind = 'duty.passed' AND fact.subject = 'report:' || duty.report_id AND (fact.facts::jsonb ->> 'duty')::bigint = duty.id
WHERE fact.at >= %(began)s AND duty.seq > 1 AND (abs(extract(epoch FROM fact.at - duty.from_at)) > 30
    OR duty.why IN ('open_missed', 'act_missed') AND duty.open_due_at <> duty.from_at + interval '1 minute')
"""


@dataclass(frozen=True)
class Return:
    """What was due when a clock came back, what fired of it or after, and seconds from the clock's start to the last that fired."""

    due: int
    promises_due: int
    fired: int
    promises_missed: int
    seconds: float


def two_hours(redis: Redis, log: Path, seed: int, many: int) -> Return:
    """Deadlines fell in the last two hours while no clock and no worker ran; Redis is flushed and stopped; then one clock returns.

    The reports are written as sent that long ago, since nobody can wait: nothing of the portal is told another time.
    """
    world.send(random.Random(seed), list(Person.objects.filter(rank=10)), many, due_in=(-TWO_HOURS, 0.0))
    due, promises_due = _one(DUE)
    Client.from_url(redis.url()).flushall()
    redis.stop()
    nursery = Nursery({}, log, seed)
    try:
        (began,) = _one("SELECT clock_timestamp()")
        nursery.start(hands.clock)
        _until_nothing_is_due(60.0)
    finally:
        nursery.kill_all()
        redis.start()
    fired, missed, seconds = _one(FIRED, began=began)
    return Return(due, promises_due, int(fired), int(missed), float(seconds))


def wrong_clocks(log: Path, seed: int, many: int, seconds: float) -> tuple[int, int]:
    """Clocks and officers whose own time is two hours ahead, others two hours behind, all at work. Lapses fired, deadlines moved."""
    (began,) = _one("SELECT clock_timestamp()")
    world.send(random.Random(seed), list(Person.objects.filter(rank=10)), many, due_in=(0.0, seconds))
    nursery = Nursery({}, log, seed)
    try:
        for hand in (hands.clock, hands.web):
            for off in (TWO_HOURS, -TWO_HOURS):
                nursery.start(_wrong(hand, off))
        time.sleep(seconds)
        _until_nothing_is_due(60.0)
    finally:
        nursery.kill_all()
    return int(_one(FIRED, began=began)[0]), int(_one(MOVED, began=began)[0])


def _wrong(hand: hands.Hand, off: float) -> hands.Hand:
    def wrong(seed: int) -> None:
        with time_machine.travel(timedelta(seconds=off), tick=True):
            hand(seed)

    return wrong


def _until_nothing_is_due(seconds: float) -> None:
    until = time.monotonic() + seconds
    while any(_one(DUE)) and time.monotonic() < until:
        time.sleep(0.05)


def _one(query: str, **given: object) -> tuple[Any, ...]:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        return owner.execute(query.encode(), given or None).fetchone() or ()
