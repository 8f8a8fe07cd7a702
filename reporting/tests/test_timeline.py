from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.utils import timezone

from portal.people.models import Absence, Person, Post
from portal.people.tests.factories import PersonFactory, line
from portal.record.appending import append, now, person_actor
from portal.vault.sealing import erase
from reporting import acting, asking, opening, passing, stepping_aside, taking_up, telling
from reporting.choices import Excluded, Outcome
from reporting.escalation import lapsing
from reporting.models import Report
from reporting.sentences import SENTENCES
from reporting.tests.making import age, open_duty_of, send, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db


def said(report: Report, viewer: Person) -> list[str]:
    return [event.text for event in timeline(report, viewer=viewer)][::-1]


def whole(report: Report, viewer: Person) -> str:
    return "\n".join(f"{event.text}\n{event.detail}" for event in timeline(report, viewer=viewer))


@pytest.mark.parametrize(
    ("name", "shown"), [("Professional Standards desk", "the professional standards desk"), ("CID desk, MO7", "the CID desk, MO7")]
)
def test_a_posts_name_stands_in_a_sentence_with_its_letters(people: list[Person], name: str, shown: str) -> None:
    standards_officer()
    report = send(people[0], skip_line=True)
    Post.objects.update(name=name)
    assert f"The duty to act passed to {shown}" in said(report, people[0])


def test_the_reporter_reads_what_happened_to_their_report(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)
    telling.told(f"duty:{open_duty_of(report).pk}", now())
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    taking_up.take_up(person=inspector, report_id=report.pk)
    asking.ask(person=inspector, report_id=report.pk, question="Who was there?")
    acting.act(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Secret reasons.", shared="It was stopped.")
    name = inspector.name_and_unit
    assert said(report, constable) == [
        "You sent this report",
        f"The duty to act passed to {name}",
        f"{name} was told",
        f"{name} opened the report",
        f"{name} took this up",
        f"{name} asked you a question",
        f"{name} recorded what they did: taken up and dealt with locally",
    ]
    text = whole(report, constable)
    assert "Who was there?" in text
    assert "It was stopped." in text
    assert "Secret" not in text


def test_the_holder_reads_you_and_no_name_of_a_reporter_who_kept_it(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable, confidential=True)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    assert said(report, inspector) == ["The report was sent", "The duty to act passed to you", "You opened the report"]
    assert constable.plain_name not in whole(report, inspector)


def test_a_missed_deadline_and_a_late_record_are_told(people: list[Person]) -> None:
    constable, _, inspector, chief, _ = people
    report = send(constable)
    age(report, hours=3)
    lapsing.fire_due()
    acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.NO_ACTION, reasons="Nothing in it.")
    events = said(report, chief)
    assert events[2].startswith(f"{inspector.name_and_unit} did not open it by ")
    assert events[-1] == f"{inspector.name_and_unit} recorded what they did, late: no further action"
    assert "Recorded 1 hour after the deadline." in whole(report, chief)
    assert said(report, inspector)[-1] == "You recorded what you did, late: no further action"


def test_a_former_holder_reads_up_to_the_end_of_their_duty(people: list[Person]) -> None:
    constable, _, inspector, chief, _ = people
    report = send(constable)
    age(report, hours=3)
    lapsing.fire_due()
    opening.open_duty(person=chief, report_id=report.pk, why="duty")
    assert said(report, inspector)[-1] == f"The duty to act passed to {chief.name_and_unit}"


def test_the_reason_of_a_pass_is_for_the_reporter_and_of_a_conflict_for_standards_alone(people: list[Person]) -> None:
    constable, _, inspector, _, _ = people
    other, standards, report = PersonFactory(rank=30), standards_officer(), send(constable)
    passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="Her team.")
    stepping_aside.step_aside(person=other, report_id=report.pk, reason="My brother.")
    assert "Her team." in whole(report, constable)
    assert "My brother." not in whole(report, constable)
    assert "My brother." in whole(report, standards)
    assert f"{other.name_and_unit} stepped aside, because of a conflict of interest" in said(report, constable)


def test_who_was_excluded_is_for_standards_alone(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable, excluded={inspector: Excluded.NAMED})
    assert inspector.plain_name in whole(report, standards_officer())
    assert inspector.name_and_unit not in whole(report, constable)


def test_an_erased_report_keeps_its_timeline_without_words(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report = send(constable)
    asking.ask(person=inspector, report_id=report.pk, question="Who was there?")
    erase(report.container)
    assert f"{inspector.name_and_unit} asked you a question" in said(report, constable)
    assert "Who was there?" not in whole(report, constable)


def test_who_looked_is_told_to_standards_alone_wherever_the_fact_stands(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    report, standards = send(constable), standards_officer()
    with transaction.atomic():  # as facts were written before consultations had a chain of their own
        append(kind="report.consulted", subject=report.subject, actor=person_actor(inspector), facts={"why": "duty"})
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    looked = f"{inspector.name_and_unit} looked at the report"
    assert said(report, standards)[2:] == [looked, f"{inspector.name_and_unit} opened the report", looked]
    for viewer in (constable, inspector):
        assert not [line for line in said(report, viewer) if "looked" in line]


def test_every_kind_of_fact_about_a_report_has_its_sentence() -> None:
    assert set(SENTENCES) >= {
        *("report.sent", "report.added", "report.answered", "report.asked", "report.consulted", "duty.passed", "duty.told", "duty.opened"),
        *("duty.taken_up", "duty.acted", "duty.acted_late", "deadline.missed", "duty.stepped_aside", "evidence.consulted"),
        *("statement.taken", "duty.next_told"),
    }


def test_why_the_duty_passed_somebody_over_is_told(people: list[Person]) -> None:
    constable, _, inspector, *_ = people
    deputy, at = PersonFactory(rank=20), timezone.now()
    Absence.objects.create(person=inspector, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1))
    shown = whole(send(constable), constable)
    assert f"{inspector.name_and_unit} (away), {deputy.name_and_unit} (of too low a rank)" in shown


def test_a_level_with_nobody_is_told() -> None:
    constable, *_ = line(10, 20)
    assert "Nobody above the reporter of the rank of Inspector or higher could take it." in whole(send(constable), constable)


def test_that_the_reporter_was_passed_over_says_whose_deputy_sent_it_and_is_left_out(people: list[Person]) -> None:
    constable, _, inspector, chief, _ = people
    Absence.objects.create(person=inspector, deputy=constable, starts_at=now() - timedelta(days=1), ends_at=now() + timedelta(days=1))
    report = send(constable, confidential=True)
    assert open_duty_of(report).holder == chief
    told = whole(report, standards_officer())
    assert f"Passed over: {inspector.name_and_unit} (away)." in told
