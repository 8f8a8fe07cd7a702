"""Promises and disputes, two at once on real connections: exactly one outcome each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.record.appending import now
from reporting import acting, disputing, saying
from reporting.agreement.agreeing import disagreements
from reporting.choices import Outcome, PromiseState
from reporting.models import Dispute, Promise, PromiseTerms, Report
from reporting.promises import breaking
from reporting.statements import stating
from reporting.statements.parts import Party
from reporting.tests.making import a_line, chain, send
from reporting.tests.test_races import wait_until

Together = Callable[..., list[Any]]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def terms() -> None:
    """What migrations put there is gone after a test that committed."""
    for urgent in (False, True):
        PromiseTerms.objects.get_or_create(urgent=urgent)


def states(report: Report) -> list[str]:
    return list(report.promises.order_by("seq").values_list("state", flat=True))


def test_two_sweeps_miss_each_promise_once(together: Together) -> None:
    PromiseTerms.objects.update(hours_to_hear=0)
    reports = [send(a_line()[0]) for _ in range(10)]
    Promise.objects.update(terms={"hours": 672, "days": 28, "calendar": ""})
    assert sum(together(*[breaking.break_due] * 4)) == 10
    assert all(chain(report).count("promise.missed") == 1 for report in reports)
    assert all(states(report) == [PromiseState.MISSED, PromiseState.OPEN] for report in reports)


def test_pages_statements_and_the_sweep_at_once_miss_each_promise_once(together: Together) -> None:
    constable, *_ = a_line()
    reports = [send(constable) for _ in range(4)]
    Promise.objects.update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")
    shown = [report.reference for report in reports]

    def states_all() -> None:
        for report in reports:
            stating.give_statement(person=constable, report_id=report.pk, as_=Party.REPORTER)

    answers = together(breaking.break_due, lambda: breaking.break_shown(shown), lambda: breaking.break_shown(shown), states_all)
    assert not [answer for answer in answers if isinstance(answer, Exception)]
    assert all(chain(report).count("promise.missed") == 1 for report in reports)
    assert all(states(report) == [PromiseState.MISSED, PromiseState.OPEN] for report in reports)


@pytest.mark.parametrize("offset", [-1.5, -0.5, 0.0, 0.5, 1.5])
def test_word_to_the_reporter_and_the_sweep_within_a_millisecond_agree(together: Together, offset: float) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    due = now() + timedelta(milliseconds=80)
    Promise.objects.update(due_at=due)

    def tells() -> None:
        wait_until(due + timedelta(milliseconds=offset))
        saying.tell_reporter(person=inspector, report_id=report.pk, words="I have begun.")

    def sweeps() -> None:
        wait_until(due)
        breaking.break_due()

    together(tells, sweeps)
    first = Promise.objects.get(seq=1)
    assert first.ended_at is not None
    assert (first.state == PromiseState.MISSED) == (first.ended_at >= due)
    assert chain(report).count("promise.missed") == (first.state == PromiseState.MISSED)
    assert states(report).count(PromiseState.OPEN) == 1


def test_two_disputes_at_once_are_one(together: Together) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    acting.act(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Dealt with.")
    answers = together(*[lambda: disputing.dispute(reporter=constable, report_id=report.pk, reason="No.")] * 2)
    assert sorted(type(answer).__name__ for answer in answers) == ["CannotDispute", "Duty"]
    assert (Dispute.objects.count(), chain(report).count("closure.disputed")) == (1, 1)
    assert list(disagreements()) == []
