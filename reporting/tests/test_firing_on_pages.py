from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
import time_machine
from django.test import Client

from portal.people import going_away
from portal.people.going_away import Stretch
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.appending import now
from portal.record.standing import Reason, RecordReadOnly, Trouble
from reporting.choices import PromiseState
from reporting.escalation import lapsing, next_in_line
from reporting.models import Lapse, Promise, Report
from reporting.promises import breaking
from reporting.statements import stating
from reporting.statements.parts import Party
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def overdue() -> tuple[Report, list[Person]]:
    """A report whose holder is an hour late, and no clock that looks."""
    line = a_line()
    report = send(line[0])
    age(report, hours=3)
    return report, line


def opened(client: Client, person: Person, address: str) -> str:
    client.force_login(person, backend="portal.people.signin.PersonBackend")
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def test_with_no_clock_a_reporter_who_opens_their_report_is_shown_who_holds_it_now(client: Client, overdue: Any) -> None:
    report, (constable, inspector, _, chief, _) = overdue[0], overdue[1]
    shown = opened(client, constable, f"/reports/{report.reference}/")
    assert open_duty_of(report).holder == chief
    assert chief.name_and_unit in shown
    assert chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed"]
    assert inspector is not None
    opened(client, constable, f"/reports/{report.reference}/")
    assert Lapse.objects.count() == 1


def test_the_front_page_lists_no_duty_that_has_gone_to_the_next(client: Client, overdue: Any) -> None:
    _, (_, _, inspector, *_) = overdue
    assert "Open report" not in opened(client, inspector, "/")
    assert Lapse.objects.count() == 1


def test_the_front_page_shows_a_reporter_who_holds_it_now(client: Client, overdue: Any) -> None:
    assert overdue[1][3].last_name in opened(client, overdue[1][0], "/")


STATEMENTS = ["/reports/{}/statement/", "/duties/{}/statement/", "/standards/{}/statement/"]


@pytest.mark.parametrize("address", ["/", "/reports/", "/duties/", "/duties/board/", "/standards/", "/standards/{}/", *STATEMENTS])
def test_every_page_that_shows_a_holder_fires_first(client: Client, overdue: Any, address: str) -> None:
    report, (constable, _, inspector, *_) = overdue
    person = {"": constable, "r": constable, "d": inspector, "s": standards_officer()}[address[1:2]]
    shown = opened(client, person, address.format(report.reference))
    lapse = Lapse.objects.get()
    assert 3600 <= (lapse.fired_at - lapse.due_at).total_seconds() < 3700
    if address == "/duties/{}/statement/":
        assert "Lapsed: did not open the report by" in unescape(shown)
    elif person == inspector:
        assert "Deadline missed" in shown, "it has gone to the next"


@pytest.mark.parametrize("address", ["/absence/", "/absence/{}/duties/"])
def test_pages_of_who_goes_away_list_no_duty_that_has_gone_to_the_next(client: Client, overdue: Any, address: str) -> None:
    report, (_, _, inspector, *_) = overdue
    at, deputy = now(), PersonFactory(rank=30)
    stretch = Stretch(starts_at=at + timedelta(days=1), ends_at=at + timedelta(days=3), deputy=deputy)
    absence = going_away.declare(by=inspector, person=inspector, stretch=stretch)
    assert report.reference not in opened(client, inspector, address.format(absence.pk))
    assert Lapse.objects.count() == 1


def test_a_page_fires_nothing_of_reports_that_it_does_not_show(client: Client, overdue: Any) -> None:
    opened(client, a_line()[0], "/reports/")
    opened(client, overdue[1][3], "/duties/")
    assert not Lapse.objects.exists()


def test_a_page_fires_nothing_that_is_not_due_by_the_database(client: Client) -> None:
    constable, *_ = a_line()
    report = send(constable)
    with time_machine.travel(timedelta(hours=7)):  # so this process believes
        opened(client, constable, f"/reports/{report.reference}/")
    assert not Lapse.objects.exists()
    assert open_duty_of(report).seq == 1


def test_a_page_of_a_read_only_portal_is_shown_and_fires_nothing(client: Client, overdue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise RecordReadOnly(Trouble(Reason.BEHIND, "older"))

    monkeypatch.setattr(lapsing, "append_unread", refuse)
    opened(client, overdue[1][0], f"/reports/{overdue[0].reference}/")
    assert not Lapse.objects.exists()


def test_whoever_is_next_is_shown_who_holds_it_now(client: Client) -> None:
    line = a_line()
    report = send(line[0], at_risk_now=True)
    next_in_line.told(f"next:{open_duty_of(report).pk}:{line[4].pk}", now())
    age(report, hours=3)
    assert line[3].name_and_unit in opened(client, line[4], f"/duties/{report.reference}/next/")
    assert Lapse.objects.count() == 1


@pytest.mark.parametrize("address", ["/reports/{}/", "/duties/{}/", "/standards/{}/", *STATEMENTS])
def test_a_page_of_a_report_fires_the_promise_that_passed(client: Client, address: str) -> None:
    line, standards = a_line(), standards_officer()
    report = send(line[0])
    Promise.objects.update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")
    person = {"r": line[0], "d": line[2], "s": standards}[address[1]]
    for _ in range(2):
        shown = opened(client, person, address.format(report.reference))
    assert chain(report).count("promise.missed") == 1
    assert list(report.promises.order_by("seq").values_list("state", flat=True)) == [PromiseState.MISSED, PromiseState.OPEN]
    assert "You were to hear by" not in shown
    assert ("You will hear by" in shown) == (address == "/reports/{}/")
    assert not Lapse.objects.exists()


def test_a_page_fires_no_promise_that_has_not_passed_by_the_database(client: Client) -> None:
    constable, *_ = a_line()
    report = send(constable)
    with time_machine.travel(timedelta(days=40)):  # so this process believes
        client.force_login(constable, backend="portal.people.signin.PersonBackend")
        client.get(f"/reports/{report.reference}/")
    assert "promise.missed" not in chain(report)


def test_a_page_of_a_read_only_portal_fires_no_promise(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    constable, *_ = a_line()
    report = send(constable)
    Promise.objects.update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")

    def refuse(*_: Any, **__: Any) -> None:
        raise RecordReadOnly(Trouble(Reason.BEHIND, "older"))

    monkeypatch.setattr(breaking, "append_unread", refuse)
    assert "You were to hear by" in opened(client, constable, f"/reports/{report.reference}/")
    assert report.promises.get().state == PromiseState.OPEN


def test_a_statement_taken_with_no_clock_says_that_a_promise_was_missed() -> None:
    constable, *_ = a_line()
    report = send(constable)
    Promise.objects.update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")
    stating.give_statement(person=constable, report_id=report.pk, as_=Party.REPORTER)
    assert chain(report) == ["report.sent", "duty.passed", "promise.missed", "statement.given"]


def test_a_statement_taken_with_no_clock_says_that_the_deadline_was_missed(overdue: Any) -> None:
    report, (constable, *_) = overdue
    stating.give_statement(person=constable, report_id=report.pk, as_=Party.REPORTER)
    assert chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed", "statement.given"]
