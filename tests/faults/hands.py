"""What the processes do that are killed: clocks and workers as they ship, and web handlers, which are officers at the portal's verbs."""

from __future__ import annotations

import os
import random
import time
import uuid
from collections.abc import Callable
from threading import Event

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Q

from portal.clock.ticking import Clock
from portal.notices.delivering import deliver_batch
from portal.people.models import Person, PostMember
from reporting import acting, holding, opening, passing, stepping_aside, taking_up
from reporting.choices import Outcome
from reporting.models import Duty, Report
from tests.faults import world

PACE = 0.02
REFUSALS = (holding.NotYours, holding.NotHolding, passing.CannotPass, stepping_aside.NobodyElse)
VERBS = {"open": 50, "take up": 15, "act": 20, "pass": 10, "step aside": 5}
Hand = Callable[[int], None]


def clock(seed: int) -> None:
    """The clock, with its pauses made short, so that a kill meets it at work."""
    running = Clock(Event())
    for work in running.work:
        work.every_seconds = min(work.every_seconds, 0.2)
    running.run()


def worker(seed: int) -> None:
    settings.EMAIL_BACKEND = "tests.faults.letters.Letters"
    _again(lambda: time.sleep(PACE) if deliver_batch() == 0 else None)


def web(seed: int) -> None:
    """Officers who open, take up, act on, pass and step aside from whatever is open, and reporters who send."""
    chance = random.Random(seed)
    reporters = list(Person.objects.filter(rank=10))
    most = int(os.environ.get("FAULTS_REPORTS", "0"))

    def turn() -> None:
        if chance.random() < 0.2 and Report.objects.count() < most:
            world.send(chance, reporters, chance.randint(5, 15))
        else:
            _work(chance)
        time.sleep(PACE)

    _again(turn)


HANDS: dict[str, Hand] = {"clock": clock, "worker": worker, "web": web}


def _again(turn: Callable[[], None]) -> None:
    """Turn after turn, as a server goes on after a request that failed."""
    while True:
        try:
            turn()
        except (DatabaseError, OSError):
            connection.close()
            time.sleep(0.1)


def _work(chance: random.Random) -> None:
    """One act of somebody who holds something, and a note of it once the portal has said that it is done."""
    newest = Duty.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    duty = Duty.objects.open().filter(pk__gte=newest - chance.randint(0, 5_000)).select_related("report").order_by("pk").first()
    person = _holder(chance, duty) if duty else None
    if duty is None or person is None:
        return
    verb = chance.choices(list(VERBS), list(VERBS.values()))[0]
    try:
        _do(verb, person, duty.report_id, chance)
    except REFUSALS:
        return
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO faults_answer (duty, verb) SELECT %s, %s", [duty.pk, verb])


def _holder(chance: random.Random, duty: Duty) -> Person | None:
    staff = PostMember.objects.filter(post=duty.post_id).values("person") if duty.post_id else []
    people: list[Person] = list(Person.objects.filter(Q(pk=duty.holder_id) | Q(pk__in=staff)))
    return chance.choice(people) if people else None


def _do(verb: str, person: Person, report: uuid.UUID, chance: random.Random) -> None:
    if verb == "open":
        opening.open_duty(person=person, report_id=report, why="duty").must_be_theirs()
    elif verb == "take up":
        taking_up.take_up(person=person, report_id=report)
    elif verb == "act":
        acting.act(person=person, report_id=report, outcome=chance.choice([Outcome.LOCAL, Outcome.STANDARDS]), reasons="Dealt with.")
    elif verb == "step aside":
        stepping_aside.step_aside(person=person, report_id=report, reason="A cousin.")
    else:
        to = Person.objects.filter(rank__gte=30).order_by("?").values_list("pk", flat=True)[0]
        passing.pass_on(person=person, report_id=report, to=to, reason="On leave.")
