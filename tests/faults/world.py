"""A small force with many reports, whose deadlines pass within minutes of being set."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from django.db import transaction

from portal.notices.outbox import put_all
from portal.people.models import Person
from portal.people.tests.factories import desk
from portal.record.appending import Entry, append_unread, now, person_actor
from portal.record.canonical import Json
from portal.vault.sealing import open_container
from reporting import duty as duties
from reporting import notifying
from reporting.choices import Excluded, Why
from reporting.drafts.references import new_reference
from reporting.escalation import ladder, routing
from reporting.escalation.inserting import insert_duties
from reporting.escalation.ladder import Rung
from reporting.models import Duty, Exclusion, Promise, Report
from reporting.promises import promising, terms
from reporting.tests.making import a_line, standards_officer

RUNGS = [
    Rung(1, 30, None, 1, 2),
    Rung(2, 40, None, 1, 2),
    Rung(3, 50, None, 1, 2),
    Rung(4, None, "professional-standards", 1, 2),
]


HEAR_AGAIN = terms.Frozen(hours=1, days=28)  # the next promise; the first is due about when the first deadline is


def people(lines: int) -> None:
    """Lines of command of five, and a desk of three."""
    desk()
    for _ in range(lines):
        a_line()
    for _ in range(3):
        standards_officer()


def fill(seed: int, many: int, seconds: float) -> None:
    """Many reports, whose first deadlines fall over so many seconds."""
    chance, reporters = random.Random(seed), list(Person.objects.filter(rank=10))
    for start in range(0, many, 200):
        send(chance, reporters, min(200, many - start), due_in=(0.0, seconds))


def send(
    chance: random.Random,
    reporters: list[Person],
    count: int,
    *,
    due_in: tuple[float, float] = (0.0, 60.0),
    rungs: list[Rung] = RUNGS,
) -> list[Duty]:
    """Send reports whose first deadlines pass at random between so many seconds from now; half promise to hear.

    One transaction, with facts and notices.
    """
    with transaction.atomic():
        at = now()
        reports = [_report(chance.choice(reporters), at + timedelta(seconds=chance.uniform(*due_in) - 60), rungs) for _ in range(count)]
        directory = routing.Directory.read({report.reporter_id for report in reports}, at)
        Report.objects.bulk_create(reports)
        Exclusion.objects.bulk_create(Exclusion(report=one, person=one.reporter, why=Excluded.REPORTER) for one in reports)
        made = [_first(report, directory) for report in reports]
        insert_duties(made)
        promises = Promise.objects.bulk_create(_promise(report, chance) for report in reports if chance.random() < 0.5)
        said = {promise.report_id: promising.said(promise) for promise in promises}
        append_unread([fact for duty in made for fact in _facts(duty, said.get(duty.report_id, {}))])
        put_all([notice for duty in made for notice in notifying.notice_for(duty)])
    return made


def _report(reporter: Person, sent: datetime, rungs: list[Rung]) -> Report:
    return Report(
        reference=new_reference(),
        reporter=reporter,
        unit=reporter.unit,
        container=open_container(purpose="report"),
        ladder=ladder.freeze(rungs),
        categories=["racist"],
        sent_at=sent,
    )


def _first(report: Report, directory: routing.Directory) -> Duty:
    key = report.reporter_id
    found = routing.climb(directory, reporter_id=key, rungs=ladder.frozen(report), excluded={key}, held=set())
    return duties.build(report=report, found=found, why=Why.SENT, seq=1, at=report.sent_at)


def _promise(report: Report, chance: random.Random) -> Promise:
    due = report.sent_at + timedelta(seconds=chance.uniform(30, 90))
    return Promise(report=report, seq=1, terms=HEAR_AGAIN.kept(), made_at=report.sent_at, due_at=due)


def _facts(duty: Duty, promised: dict[str, Json]) -> list[Entry]:
    report = duty.report
    told: dict[str, Json] = {"report": str(report.pk), "at_risk_now": report.at_risk_now, "confidential": report.confidential}
    told |= {"ladder": report.ladder, **promised}
    actor = person_actor(report.reporter)
    return [Entry(kind="report.sent", subject=report.subject, actor=actor, facts=told), duties.passed_fact(duty, actor=actor)]
