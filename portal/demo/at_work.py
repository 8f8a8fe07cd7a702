"""The demo force at work: handsets claimed and given back, guidance acknowledged, reports on their way.

Reports go through the verbs that people use; claims and acknowledgements are written many at once, each with its fact. Nothing is dated
back: a record cannot be.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.db import transaction

import devices.samples
from devices.losing import report_missing
from devices.models import Custody, Ending
from devices.returning import hand_back
from guidance import asking
from guidance.samples.reading import acknowledge_samples
from portal.demo.cast import CAST
from portal.demo.messages import SAMPLES, Sample
from portal.people.models import Kind, Person, Rank
from portal.record.appending import now
from reporting.acting import act
from reporting.asking import ask
from reporting.drafts.drafting import save_page, start_draft
from reporting.escalation.policies import put_in_force, removed
from reporting.models import EscalationPolicy, Report
from reporting.opening import open_duty
from reporting.sending import send_report
from reporting.taking_up import take_up

CONSTABLE = CAST[0].number  # claims and acknowledges by hand
QUESTION = "A witness will only talk to me on WhatsApp and is at risk tonight. May I answer before I have the written permission?"


def put_to_work(*, claims: int) -> None:
    """Bring the loaded force to life. Running it again adds nothing twice."""
    devices.samples.install(claims=claims, leave=frozenset({CONSTABLE}))
    acknowledge_samples(leave={CONSTABLE})
    with transaction.atomic():
        if not Report.objects.exists():
            _lose_and_return()
            _ask_the_author()
            for sample in SAMPLES:
                _report(sample)


def _lose_and_return() -> None:
    """One handset is on its way back to stores and one is lost."""
    cast = [character.number for character in CAST]
    returning, losing = Custody.objects.open().exclude(holder__number__in=cast).select_related("holder").order_by("pk")[:2]
    hand_back(holder=returning.holder)
    report_missing(holder=losing.holder, how=Ending.LOST)


def _ask_the_author() -> None:
    asking.ask(person=_person("101023"), slug="information-code-of-conduct", text=QUESTION, key=uuid.uuid4())


def _report(sample: Sample) -> None:
    reporter = _person(sample.reporter)
    if sample.missed:
        with _a_minute_to_open():
            report = _send(sample, reporter)
    else:
        report = _send(sample, reporter)
    _follow(sample, report)


def _send(sample: Sample, reporter: Person) -> Report:
    draft, seen = start_draft(reporter=reporter, draft_id=uuid.uuid4()), now() - timedelta(hours=sample.hours_ago)
    pages = sample.answers()
    pages["message"] |= {"sent": (seen - timedelta(minutes=20)).isoformat(), "saw": seen.isoformat()}
    pages["people"]["sender_person"] = str(_person(sample.sender).pk) if sample.sender else ""
    for page, answers in pages.items():
        save_page(reporter=reporter, draft_id=draft.pk, page=page, typed={}, answers=answers)
    return send_report(reporter=reporter, draft_id=draft.pk)


def _follow(sample: Sample, report: Report) -> None:
    """What the holder of the duty does, as far as the sample goes."""
    holder = report.duties.get().holder
    if holder is None:
        return
    if sample.opened or sample.question or sample.outcome:
        open_duty(person=holder, report_id=report.pk, why="duty")
    if sample.question or sample.outcome:
        take_up(person=holder, report_id=report.pk)
    if sample.question:
        ask(person=holder, report_id=report.pk, question=sample.question)
    if sample.outcome:
        act(person=holder, report_id=report.pk, outcome=sample.outcome, reasons=sample.reasons, shared=sample.shared)


@contextmanager
def _a_minute_to_open() -> Iterator[None]:
    """A policy with one minute to open, in force for as long as one report is sent, on the record like any other."""
    usual = EscalationPolicy.objects.get(urgent=False, in_force=True)
    administrator = Person.objects.get(email="admin@force.example")
    short = EscalationPolicy.objects.create(name="Demo: one minute to open")
    for rung in usual.rungs.order_by("level"):
        rung.pk, rung.policy = None, short
        rung.minutes_to_open = 1 if rung.level == 1 else rung.minutes_to_open
        rung.save(force_insert=True)
    put_in_force(by=administrator, policy_id=short.pk)
    yield
    put_in_force(by=administrator, policy_id=usual.pk)
    removed(by=administrator, policy=EscalationPolicy.objects.get(pk=short.pk))


def _person(number: str) -> Person:
    """By number, or the first constable of the unit with this code."""
    found = Person.objects.active().select_related("unit")
    by_number = found.filter(number=number).first()
    person: Person = by_number or found.filter(unit__code=number, rank=Rank.CONSTABLE, kind=Kind.OFFICER).order_by("number")[0]
    return person
