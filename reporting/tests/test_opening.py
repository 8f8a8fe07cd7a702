from __future__ import annotations

import pytest

from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import holding, opening, taking_up
from reporting.choices import DutyState
from reporting.escalation import lapsing
from reporting.tests.making import a_line, age, chain, looks, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


def test_the_first_opening_is_a_fact_and_the_deadline_to_act_is_watched_from_then() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    duty = open_duty_of(report)
    assert (duty.state, duty.next_due_at) == (DutyState.OPENED, duty.act_due_at)
    assert (chain(report)[2:], looks(report)) == (["duty.opened"], ["report.consulted"])


def test_opening_again_within_ten_minutes_adds_no_fact() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    for _ in range(2):
        opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    assert (chain(report)[2:], looks(report)) == (["duty.opened"], ["report.consulted"])


def test_somebody_who_never_held_the_duty_cannot_open_it() -> None:
    report = send(a_line()[0])
    with pytest.raises(holding.NotYours):
        opening.open_duty(person=PersonFactory(rank=60), report_id=report.pk, why="duty")


def test_opening_past_the_deadline_finds_the_lapse_fired_first() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    age(report, hours=3)
    turn = opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    assert (turn.is_theirs, open_duty_of(report).holder) == (False, chief)
    assert (chain(report)[2:], looks(report)) == (["deadline.missed", "duty.passed"], ["report.consulted"])


def test_a_post_that_opens_late_keeps_its_missed_deadlines_missed() -> None:
    constable, *_ = a_line()
    member = standards_officer()
    report = send(constable, skip_line=True)
    age(report, days=4)
    lapsing.fire_due()
    opening.open_duty(person=member, report_id=report.pk, why="duty")
    duty = open_duty_of(report)
    assert (duty.state, duty.next_due_at) == (DutyState.OPENED, None)
    assert Fact.objects.of_kind("duty.opened").get().actor == f"person:{member.pk}"


def test_taking_up_twice_is_one_fact() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    for _ in range(2):
        taking_up.take_up(person=inspector, report_id=report.pk)
    assert open_duty_of(report).state == DutyState.TAKEN_UP
    assert chain(report)[2:] == ["duty.opened", "duty.taken_up"]


def test_taking_up_past_a_deadline_is_refused_in_words_and_the_lapse_is_kept() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    age(report, hours=3)
    with pytest.raises(holding.NotHolding, match=f"The duty passed to {chief.name}.* because the deadline to open was missed"):
        taking_up.take_up(person=inspector, report_id=report.pk)
    assert open_duty_of(report).holder == chief
