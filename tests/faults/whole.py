"""Everything `make faults` shows, one after the other on the same servers."""

from __future__ import annotations

import argparse
from pathlib import Path

import psycopg
from django.conf import settings

from portal.local.postgres import Postgres
from portal.local.redis_server import Redis
from tests.faults import away, checking, letters, racing, running, world
from tests.faults.running import Aims, Run, crash_of

RETURN_SECONDS = 10.0
ALL = 1_000_000


def run(options: argparse.Namespace, postgres: Postgres, redis: Redis) -> bool:
    """Print each figure; whether all are what they must be."""
    _people(12 if options.quick else 60)
    world.fill(options.seed, options.reports, 60 * options.minutes / 2)
    log = Path(settings.STATE_DIR) / "processes.log"
    good = [
        _kills(options, postgres, log),
        _two_hours(redis, log, options.seed, 200 if options.quick else 5_000),
        _wrong_clocks(log, options.seed, 40 if options.quick else 1_000, 4.0 if options.quick else 15.0),
        _races(options, log),
        _delivered(log, options.seed, options.letters),
    ]
    _verified()
    return all(good)


def small(options: argparse.Namespace) -> bool:
    """The same on servers that others use too: nothing crashes, Redis stays."""
    _people(3)
    log = Path(settings.STATE_DIR) / "processes.log"
    world.fill(options.seed, options.deadlines, 5.0)
    kills = Run(Aims(options.kills, 0, options.deadlines, 60.0), options.seed, log).go()
    races = racing.race(options.races, options.seed, log, 40.0)
    print(f"{kills.lines()}\n{races.lines()}")
    good = kills.verdict.good and kills.reached and races.wrong == 0 and _delivered(log, options.seed, ALL)
    _verified()
    return good


def _people(lines: int) -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        owner.execute(checking.TABLES.encode())
    world.people(lines)


def _verified() -> None:
    running.verify()
    print("The record verifies: every fact is in the signed tree, and the rows agree with their facts.")


def _kills(options: argparse.Namespace, postgres: Postgres, log: Path) -> bool:
    aims = Aims(options.kills, options.crashes, options.deadlines, 60 * options.minutes)
    one = Run(aims, options.seed, log, crash_of(lambda: _pid(postgres), lambda: _again(postgres), postgres._wait)).go()
    print(one.lines(), flush=True)
    return one.verdict.good and one.reached


def _two_hours(redis: Redis, log: Path, seed: int, many: int) -> bool:
    back = away.two_hours(redis, log, seed, many)
    print(
        f"Redis flushed and stopped, no clock and no worker for two hours: {back.fired:,} lapses of {back.due:,} that were due and "
        f"{back.promises_missed:,} promises of {back.promises_due:,}, the last {back.seconds:.1f} s after a clock came back "
        f"(aim {RETURN_SECONDS:.0f} s).",
        flush=True,
    )
    fired = back.fired >= back.due and back.promises_missed >= back.promises_due > 0
    return _checked("After it") and fired and back.seconds <= RETURN_SECONDS


def _wrong_clocks(log: Path, seed: int, many: int, seconds: float) -> bool:
    fired, moved = away.wrong_clocks(log, seed, many, seconds)
    print(f"Two clocks and two web handlers whose own time was two hours wrong: {fired:,} lapses, {moved:,} deadlines moved.", flush=True)
    return _checked("After it") and moved == 0 and fired > 0


def _races(options: argparse.Namespace, log: Path) -> bool:
    found = racing.race(options.races, options.seed, log, 60 * options.minutes / 2)
    print(found.lines(), flush=True)
    return found.wrong == 0 and found.trials >= options.races


def _delivered(log: Path, seed: int, most: int) -> bool:
    """What is due fires before its notices are delivered, and nothing does after."""
    at = running.drain()
    print(letters.deliver(log, seed, most).lines(), flush=True)
    return _said("At the end", running.check_at(at, checking.AFTER_DELIVERY))


def _checked(when: str) -> bool:
    return _said(when, running.check_now())


def _said(when: str, verdict: checking.Verdict) -> bool:
    print(f"{when}: {verdict.lines()}", flush=True)
    return verdict.good


def _pid(postgres: Postgres) -> int:
    assert postgres.child is not None
    return postgres.child.pid


def _again(postgres: Postgres) -> None:
    """Start the server once the old one has let its directory go."""
    assert postgres.child is not None
    postgres.child.wait(60)
    postgres.launch()
