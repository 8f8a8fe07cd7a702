"""Acts against lapses, within fifty milliseconds of the deadline, on real connections: a sweeper that hardly rests, officers that time it.

Half the duties were opened before and run out of time to act; the others are opened by the act itself as their time to open runs out.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from django.conf import settings
from django.db import DatabaseError, connection

from portal.people.models import Person
from portal.record.appending import now
from reporting import acting, opening
from reporting.choices import Outcome
from reporting.escalation.ladder import Rung
from reporting.escalation.lapsing import fire_due
from reporting.holding import NotHolding
from reporting.models import Duty
from tests.faults import world
from tests.faults.hands import Hand
from tests.faults.nursery import Nursery

RUNGS = [Rung(1, 30, None, 1, 1), world.RUNGS[-1]]
WINDOW = 0.050
AHEAD = 0.2  # a report is sent so long before the deadline that is raced for, and opened meanwhile
ACTORS = 8
JUDGED = """
WITH trial AS (SELECT * FROM unnest(%(duty)s::bigint[], %(answer)s::text[]) AS given (duty_id, answer))
SELECT count(*),
    count(*) FILTER (WHERE answer = 'acted'),
    count(*) FILTER (WHERE CASE answer
        WHEN 'acted' THEN NOT (duty.state = 'acted' AND duty.acted_at < duty.act_due_at AND NOT decision.late AND lapse.lapses = 0)
        ELSE NOT (duty.state = 'lapsed' AND duty.acted_at IS NULL AND decision.id IS NULL AND lapse.lapses = 1
            AND lapse.fired_at >= duty.act_due_at) END)
FROM trial JOIN reporting_duty AS duty ON duty.id = trial.duty_id
LEFT JOIN reporting_decision AS decision ON decision.duty_id = duty.id
CROSS JOIN LATERAL (SELECT count(*) AS lapses, min(fired_at) AS fired_at FROM reporting_lapse WHERE duty_id = duty.id) AS lapse
"""


@dataclass(frozen=True)
class Races:
    """`trials`: those that met within the window. `wrong`: without exactly one outcome, or one that database time contradicts."""

    trials: int
    acted: int
    wrong: int
    outside: int

    def lines(self) -> str:
        return (
            f"{self.trials:,} acts raced a lapse within {1000 * WINDOW:.0f} ms: {self.acted:,} acted, {self.trials - self.acted:,} lapsed, "
            f"{self.wrong:,} without exactly one outcome that agrees with database time ({self.outside:,} more met outside the window)"
        )


def race(trials: int, seed: int, log: Path, seconds: float) -> Races:
    """Run until so many trials have met within the window, or so many seconds have gone by."""
    home = log.parent
    nursery = Nursery({}, log, seed)
    goals = [trials // ACTORS + (place < trials % ACTORS) for place in range(ACTORS)]
    files = [home / f"race-{place}.txt" for place in range(ACTORS)]
    try:
        nursery.start(sweeper)
        actors = [nursery.start(_actor(goal, file, seconds)) for goal, file in zip(goals, files, strict=True)]
        until = time.monotonic() + seconds + 30
        while set(actors) & nursery.running.keys() and time.monotonic() < until:
            nursery.fill()
            time.sleep(0.1)
    finally:
        nursery.kill_all()
    return _judge([line.split() for file in files for line in file.read_text().splitlines()])


def sweeper(seed: int) -> None:
    while True:
        try:
            fire_due()
            time.sleep(0.002)
        except DatabaseError:
            connection.close()


def _actor(goal: int, file: Path, seconds: float) -> Hand:
    def actor(seed: int) -> None:
        chance, reporters = random.Random(seed), list(Person.objects.filter(rank=10))
        until, met = time.monotonic() + seconds, 0
        with file.open("w") as kept:
            while met < goal and time.monotonic() < until:
                duty, answer, off = _trial(chance, reporters)
                met += abs(off) <= WINDOW
                kept.write(f"{duty.pk} {answer} {off:.6f}\n")

    return actor


def _trial(chance: random.Random, reporters: list[Person]) -> tuple[Duty, str, float]:
    """Send one report, and act on it near its deadline; what came of it, and how many seconds after the deadline it was asked."""
    (duty,) = world.send(chance, reporters, 1, due_in=(AHEAD, AHEAD), rungs=RUNGS)
    assert duty.holder is not None
    if chance.random() < 0.5:
        opening.open_duty(person=duty.holder, report_id=duty.report_id, why="duty")
    wait = (duty.act_due_at + timedelta(seconds=chance.uniform(-WINDOW, WINDOW / 2)) - now()).total_seconds()
    time.sleep(max(wait, 0))
    asked = now()
    try:
        decision = acting.act(person=duty.holder, report_id=duty.report_id, outcome=Outcome.LOCAL, reasons="Dealt with.")
    except NotHolding:
        return duty, "refused", (asked - duty.act_due_at).total_seconds()
    return duty, "acted", (decision.decided_at - duty.act_due_at).total_seconds()


def _judge(answers: list[list[str]]) -> Races:
    met = [answer for answer in answers if abs(float(answer[2])) <= WINDOW]
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        given = {"duty": [int(duty) for duty, *_ in answers], "answer": [answer for _, answer, _ in answers]}
        row = owner.execute(JUDGED.encode(), given).fetchone()
    acted = sum(answer == "acted" for _, answer, _ in met)
    return Races(len(met), acted, row[2] if row else len(answers), len(answers) - len(met))
