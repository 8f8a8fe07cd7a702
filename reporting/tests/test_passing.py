from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import patch

import pytest
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Absence, Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import holding, passing, stepping_aside
from reporting.choices import DutyState, Excluded, Why
from reporting.escalation import lapsing
from reporting.models import Duty, Exclusion, Report
from reporting.passing import CannotPass
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


def pass_on(person: Person, report: Report, to: Person) -> Duty:
    return passing.pass_on(person=person, report_id=report.pk, to=to.pk, reason="She runs that team.")


def test_a_pass_gives_the_duty_away_and_keeps_the_deadline_to_act() -> None:
    constable, _, inspector, *_ = a_line()
    other, report = PersonFactory(rank=30), send(constable)
    age(report, minutes=60)
    before = open_duty_of(report)
    after = pass_on(inspector, report, other)
    assert (after.holder, after.why, after.level, after.act_due_at) == (other, Why.PASSED, 1, before.act_due_at)
    assert Duty.objects.get(pk=before.pk).state == DutyState.PASSED
    assert {notice.to for notice in Outbox.objects.filter(kind__in=["duty.passed", "report.passed"])} == {inspector, other, constable}


def test_a_pass_shortly_before_the_end_leaves_no_longer_to_open_than_to_act() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    Duty.objects.update(open_due_at=timezone.now() + timedelta(minutes=9), act_due_at=timezone.now() + timedelta(minutes=10))
    after = pass_on(inspector, report, PersonFactory(rank=30))
    assert after.open_due_at == after.act_due_at


def test_the_reason_is_sealed() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    pass_on(inspector, report, PersonFactory(rank=30))
    fact = Fact.objects.for_subject(report.subject).of_kind("duty.passed").last()
    assert fact is not None
    assert "team" not in fact.facts + fact.sealed
    assert "passed-" in fact.sealed


@pytest.mark.parametrize("who", ["reporter", "sender", "lower rank", "leaver", "before", "stranger"])
def test_the_duty_cannot_be_passed_to_somebody_who_may_not_hold_it(who: str) -> None:
    constable, sergeant, inspector, chief, _ = a_line()
    sender: Person = PersonFactory(rank=60)
    report = send(constable, excluded={sender: Excluded.SENDER})
    Person.objects.filter(pk=constable.pk).update(rank=40)
    holder = inspector
    if who == "before":
        age(report, hours=3)
        lapsing.fire_due()
        holder = chief
    other: Person = PersonFactory(rank=40, is_active=who != "leaver")
    known = {"reporter": constable, "sender": sender, "lower rank": sergeant, "before": inspector, "stranger": Person(rank=40)}
    to = known.get(who, other)
    with pytest.raises(CannotPass, match="That person cannot hold this duty"):
        pass_on(holder, report, to)
    assert open_duty_of(report).holder == holder


@pytest.mark.parametrize("confidential", [True, False])
def test_a_confidential_reporter_is_not_named_by_being_missing_from_the_search(confidential: bool) -> None:
    *_, inspector, chief, _ = a_line()
    reporter = PersonFactory(rank=40, line_manager=inspector)
    report = send(reporter, confidential=confidential)
    duty = open_duty_of(report)
    assert (reporter in passing.offered(duty)) is confidential
    assert chief in passing.offered(duty)
    with pytest.raises(CannotPass, match="That person cannot hold this duty"):
        pass_on(inspector, report, reporter)


def test_the_duty_cannot_be_passed_to_somebody_who_is_away() -> None:
    constable, _, inspector, *_ = a_line()
    other, report = PersonFactory(rank=30), send(constable)
    Absence.objects.create(person=other, starts_at=timezone.now() - timedelta(1), ends_at=timezone.now() + timedelta(1))
    with pytest.raises(CannotPass, match="is away"):
        pass_on(inspector, report, other)


def test_a_confidential_reporter_who_is_away_is_refused_in_the_words_for_anybody_who_is() -> None:
    inspector, reporter = a_line()[2], PersonFactory(rank=40)
    Person.objects.filter(pk=reporter.pk).update(line_manager=inspector)
    report = send(Person.objects.get(pk=reporter.pk), confidential=True)
    Absence.objects.create(person=reporter, starts_at=timezone.now() - timedelta(1), ends_at=timezone.now() + timedelta(1))
    holder = open_duty_of(report).holder
    assert holder is not None
    with pytest.raises(CannotPass, match="is away"):
        pass_on(holder, report, reporter)


def test_the_post_never_lets_go() -> None:
    member, report = standards_officer(), send(a_line()[0], skip_line=True)
    with pytest.raises(CannotPass, match="cannot pass it on"):
        pass_on(member, report, PersonFactory(rank=30))


def test_stepping_aside_excludes_the_holder_and_finds_the_next_with_fresh_deadlines() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    age(report, minutes=60)
    after = stepping_aside.step_aside(person=inspector, report_id=report.pk, reason="He is my brother.")
    assert (after.holder, after.why, after.level) == (chief, Why.STEPPED_ASIDE, 1)
    assert after.open_due_at - after.from_at == timedelta(minutes=120)
    assert Exclusion.objects.get(report=report, person=inspector).why == Excluded.DECLARED
    assert chain(report)[-2:] == ["duty.stepped_aside", "duty.passed"]
    with pytest.raises(holding.NotYours):
        stepping_aside.step_aside(person=inspector, report_id=report.pk, reason="Again.")


def test_a_desk_member_steps_aside_alone_and_the_desk_keeps_the_duty() -> None:
    one, other = standards_officer(), standards_officer()
    report = send(a_line()[0], skip_line=True)
    before = open_duty_of(report)
    stepping_aside.step_aside(person=one, report_id=report.pk, reason="I know her.")
    assert (open_duty_of(report), open_duty_of(report).act_due_at) == (before, before.act_due_at)
    with pytest.raises(stepping_aside.NobodyElse, match="Ask an administrator"):
        stepping_aside.step_aside(person=other, report_id=report.pk, reason="Me too.")


@pytest.mark.parametrize("verb", ["passing", "stepping_aside"])
@pytest.mark.parametrize("part", ["append_all", "put_all"])
def test_a_failure_on_the_way_leaves_nothing_half_written(verb: str, part: str) -> None:
    constable, _, inspector, *_ = a_line()
    other, report = PersonFactory(rank=30), send(constable)
    acts: dict[str, Callable[[], Duty]] = {
        "passing": lambda: pass_on(inspector, report, other),
        "stepping_aside": lambda: stepping_aside.step_aside(person=inspector, report_id=report.pk, reason="I know him."),
    }
    with patch(f"reporting.{verb}.{part}", side_effect=RuntimeError), pytest.raises(RuntimeError):
        acts[verb]()
    assert (Duty.objects.get().state, chain(report)) == (DutyState.SENT, ["report.sent", "duty.passed"])
