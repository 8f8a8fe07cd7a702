"""One bounded run: officers act at random, deadlines pass, processes are killed and PostgreSQL crashes, until the aims are reached."""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import psycopg
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError

from portal.record.appending import now
from portal.record.keeping import Keeper
from reporting.escalation.lapsing import fire_due
from reporting.promises.breaking import break_due
from tests.faults import checking
from tests.faults.checking import Verdict
from tests.faults.nursery import Nursery

LOOK_SECONDS = 2.0
WANTED = {"clock": 2, "worker": 2, "web": 3}


@dataclass(frozen=True)
class Aims:
    """How much of each, and how long at most."""

    kills: int
    crashes: int
    deadlines: int
    seconds: float


@dataclass
class Run:
    """`crash` brings PostgreSQL down at once and returns when it answers again."""

    aims: Aims
    seed: int
    log: Path
    crash: Callable[[random.Random], None] | None = None
    crashes: int = 0
    settled: int = 0
    seconds: float = 0.0
    verdict: Verdict = field(default_factory=Verdict)

    def go(self) -> Run:
        chance, began = random.Random(self.seed), time.monotonic()
        self.nursery = Nursery(WANTED, self.log, self.seed)
        try:
            while not self._done(began):
                self._round(chance, began)
        finally:
            self.nursery.kill_all()
        self.seconds = time.monotonic() - began
        self.verdict = check_now()
        self.settled = self.verdict.settled
        return self

    @property
    def reached(self) -> bool:
        aims = self.aims
        return self.nursery.kills >= aims.kills and self.crashes >= aims.crashes and self.settled >= aims.deadlines

    def lines(self) -> str:
        killed = ", ".join(f"{many:,} {kind}s" for kind, many in sorted(self.nursery.killed.items()))
        return (
            f"{self.nursery.kills:,} processes were killed ({killed}) and PostgreSQL crashed {self.crashes:,} times in {self.seconds:.0f} s"
            f"{'' if self.reached else ': THE RUN ENDED SHORT OF ITS AIMS'}.\n{self.verdict.lines()}"
        )

    def _done(self, began: float) -> bool:
        return self.reached or time.monotonic() - began > self.aims.seconds

    def _round(self, chance: random.Random, began: float) -> None:
        """Two seconds or so: kills spread evenly, a crash where one is owed, a look at how far it is."""
        until = time.monotonic() + LOOK_SECONDS
        pace = self.aims.seconds * 0.3 / max(self.aims.kills, 1)
        while time.monotonic() < until:
            self.nursery.fill()
            time.sleep(chance.uniform(0, 2 * pace))
            if self.nursery.kills < self.aims.kills or self.settled < self.aims.deadlines:
                self.nursery.kill(chance)
            if self.crash and self._owes_a_crash(began):
                self.crash(chance)
                self.crashes += 1
        self.settled = settled() or self.settled

    def _owes_a_crash(self, began: float) -> bool:
        share = (time.monotonic() - began) / (self.aims.seconds * 0.7)
        return self.crashes < min(self.aims.crashes, share * self.aims.crashes)


def settled() -> int:
    with suppress(psycopg.Error), psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        return checking.settled(owner)
    return 0


def check_now() -> Verdict:
    """Fire what is due, and check the rules at that moment."""
    return check_at(drain(), checking.RULES)


def check_at(at: datetime, rules: Mapping[str, str]) -> Verdict:
    """Check the rules at a moment that `drain` gave, since when nothing fired."""
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        return checking.check(owner, at, rules)


def verify() -> None:
    """Place every fact, sign, and have the whole record verified. Raises CommandError where it does not agree with itself."""
    keeper = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
    while keeper.round():
        pass
    keeper.close()
    with open(os.devnull, "w") as nowhere:
        call_command("verify_record", stdout=nowhere)


def drain() -> datetime:
    """A moment before which everything due has fired: nothing was left to fire after it was read."""
    for _ in range(100):
        with suppress(DatabaseError):
            at = now()
            if fire_due() + break_due() == 0:
                return at
    raise RuntimeError("the sweep does not come to an end")


def crash_of(postmaster: Callable[[], int], start: Callable[[], None], wait: Callable[[], None]) -> Callable[[random.Random], None]:
    """PostgreSQL goes down at once: told to (SIGQUIT), or because one of its own was killed. It comes back by reading its log."""

    def crash(chance: random.Random) -> None:
        pid = postmaster()
        if chance.random() < 0.5:
            os.kill(pid, signal.SIGQUIT)
            start()
        else:
            _kill_a_child(pid, chance)
        wait()

    return crash


def _kill_a_child(pid: int, chance: random.Random) -> None:
    import psutil

    inside = psutil.Process(pid).children()
    with suppress(psutil.NoSuchProcess, ProcessLookupError):
        os.kill(chance.choice(inside).pid, signal.SIGKILL)
