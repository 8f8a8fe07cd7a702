"""Two at once, on real connections: exactly one outcome, and it agrees with the database's clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.appending import now
from reporting import acting, opening, passing, stepping_aside
from reporting.choices import Conflicted, Deadline, DutyState, Outcome
from reporting.desk import excluding
from reporting.escalation import lapsing
from reporting.holding import NotHolding, NotYours
from reporting.models import Decision, Duty, Lapse, Report
from reporting.tests.making import a_line, chain, send, standards_officer

Together = Callable[..., list[Any]]
pytestmark = pytest.mark.django_db(transaction=True)


def act(person: Person, report: Report) -> Callable[[], Any]:
    return lambda: acting.act(person=person, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Dealt with.")


def due_in(report: Report, deadline: Deadline, **stretch: float) -> datetime:
    """Set the open duty's deadline a moment ahead, by the database's clock."""
    at = now() + timedelta(**stretch)
    changed = {"open_due_at": at} if deadline == Deadline.OPEN else {"open_due_at": at, "act_due_at": at}
    Duty.objects.filter(report=report).open().update(next_due_at=at, **changed)
    return at


def wait_until(at: datetime) -> None:
    while now() < at - timedelta(milliseconds=1):
        time.sleep(0.0005)


def test_two_acts_on_one_duty_give_one_decision(together: Together) -> None:
    one, other, report = standards_officer(), standards_officer(), send(a_line()[0], skip_line=True)
    answers = together(act(one, report), act(other, report))
    assert sorted(type(answer).__name__ for answer in answers) == ["Decision", "NotHolding"]
    assert (Decision.objects.count(), chain(report).count("duty.acted")) == (1, 1)


def test_two_sweeps_fire_each_deadline_once(together: Together) -> None:
    reports = [send(a_line()[0]) for _ in range(10)]
    for report in reports:
        due_in(report, Deadline.OPEN, seconds=-1)
    fired = together(*[lapsing.fire_due] * 4)
    assert sum(fired) == 10
    assert Lapse.objects.count() == 10
    assert all(chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed"] for report in reports)


@pytest.mark.parametrize("offset", [-1.5, -0.5, 0.0, 0.5, 1.5])
def test_an_act_and_a_lapse_within_a_millisecond_give_one_outcome(together: Together, offset: float) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    due = due_in(report, Deadline.ACT, milliseconds=80)

    def acts() -> Any:
        wait_until(due + timedelta(milliseconds=offset))
        return act(inspector, report)()

    def sweeps() -> int:
        wait_until(due)
        for _ in range(40):
            lapsing.fire_due()
        return 0

    answer, _ = together(acts, sweeps)
    first = Duty.objects.get(report=report, seq=1)
    if isinstance(answer, Decision):
        assert (first.state, answer.late, Lapse.objects.count()) == (DutyState.ACTED, False, 0)
        assert first.acted_at is not None
        assert first.acted_at < due
    else:
        assert isinstance(answer, NotHolding)
        assert (first.state, Lapse.objects.get().deadline, Decision.objects.count()) == (DutyState.LAPSED, Deadline.ACT, 0)
        assert Lapse.objects.get().fired_at >= due


def test_opening_and_a_lapse_at_once_give_one_outcome(together: Together) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    due = due_in(report, Deadline.OPEN, milliseconds=80)

    def opens() -> Any:
        wait_until(due)
        return opening.open_duty(person=inspector, report_id=report.pk, why="duty")

    def sweeps() -> int:
        wait_until(due)
        return sum(lapsing.fire_due() for _ in range(40))

    together(opens, sweeps)
    first = Duty.objects.get(report=report, seq=1)
    assert (first.opened_at is None) == (first.state == DutyState.LAPSED) == Lapse.objects.filter(duty=first).exists()


def test_a_pass_and_an_act_at_once_give_one_outcome(together: Together) -> None:
    constable, _, inspector, *_ = a_line()
    other, report = PersonFactory(rank=30), send(constable)
    answers = together(
        act(inspector, report), lambda: passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="She can.")
    )
    assert [isinstance(answer, NotHolding) for answer in answers].count(True) == 1
    assert Duty.objects.filter(report=report).open().count() + Decision.objects.count() == 1


def test_the_last_two_at_the_desk_cannot_both_step_aside(together: Together) -> None:
    one, other, report = standards_officer(), standards_officer(), send(a_line()[0], skip_line=True)
    answers = together(
        *[
            lambda person=person: stepping_aside.step_aside(person=person, report_id=report.pk, reason="I know her.")
            for person in (one, other)
        ]
    )
    refused = [answer for answer in answers if isinstance(answer, (stepping_aside.NobodyElse, NotYours))]
    assert len(refused) == 1


def exclude(person: Person, report: Report, whom: Person) -> Callable[[], Any]:
    return lambda: excluding.exclude(person=person, report_id=report.pk, whom=whom, why=Conflicted.SENDER, reason="It is her number.")


def test_an_act_and_an_exclusion_of_its_holder_at_once_give_one_outcome(together: Together) -> None:
    one, (constable, _, inspector, chief, _) = standards_officer(), a_line()
    report = send(constable)
    answer, moved = together(act(inspector, report), exclude(one, report, inspector))
    if isinstance(answer, Decision):
        assert (moved, chain(report).count("duty.acted")) == (None, 1)
    else:
        assert (type(answer), moved.holder, Decision.objects.count()) == (NotYours, chief, 0)
    assert not Report.objects.held_by(inspector).exists()


def test_a_lapse_and_an_exclusion_of_its_holder_at_once_move_the_duty_once(together: Together) -> None:
    one, (constable, _, inspector, chief, _) = standards_officer(), a_line()
    report = send(constable)
    due = due_in(report, Deadline.OPEN, milliseconds=80)

    def excludes() -> Any:
        wait_until(due)
        return exclude(one, report, inspector)()

    def sweeps() -> int:
        wait_until(due)
        return sum(lapsing.fire_due() for _ in range(40))

    moved, _ = together(excludes, sweeps)
    assert [duty.holder for duty in Duty.objects.filter(report=report).order_by("seq")] == [inspector, chief]
    assert (moved is None) == Lapse.objects.filter(duty__holder=inspector).exists()


def test_two_exclude_one_person_at_once_and_one_is_refused(together: Together) -> None:
    one, other, (constable, _, inspector, *_) = standards_officer(), standards_officer(), a_line()
    report = send(constable)
    answers = together(exclude(one, report, inspector), exclude(other, report, inspector))
    assert [isinstance(answer, excluding.CannotExclude) for answer in answers].count(True) == 1
    assert Duty.objects.filter(report=report).count() == 2


def test_two_cannot_exclude_one_another(together: Together) -> None:
    standards_officer()
    one, other, report = standards_officer(), standards_officer(), send(a_line()[0], skip_line=True)
    answers = together(exclude(one, report, other), exclude(other, report, one))
    assert [isinstance(answer, NotYours) for answer in answers].count(True) == 1


def test_two_cannot_exclude_all_but_themselves_at_once(together: Together) -> None:
    one, other, third, fourth = (standards_officer() for _ in range(4))
    report = send(a_line()[0])
    exclude(one, report, fourth)()
    answers = together(exclude(one, report, third), exclude(one, report, other))
    assert [isinstance(answer, excluding.CannotExclude) for answer in answers].count(True) == 1
