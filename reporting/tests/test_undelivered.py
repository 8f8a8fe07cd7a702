"""Notices about reports that reached nobody: professional standards see whose they are, but for what they must not know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core import mail
from django.db.models import F
from django.test import Client

from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State
from portal.people.models import Person
from reporting.choices import Excluded
from reporting.desk.undelivered import KEPT_BACK, undelivered
from reporting.models import Exclusion, Report
from reporting.tests.making import a_line, send, standards_officer

pytestmark = pytest.mark.django_db
PAGE = "/standards/undelivered/"


@pytest.fixture
def officer(client: Client) -> Person:
    person = standards_officer()
    client.force_login(person)
    return person


@pytest.fixture
def report(officer: Person) -> Report:
    constable, *_ = a_line()
    return given_up(send(constable))


def given_up(report: Report) -> Report:
    """The notice to its holder, and one to its reporter, were given up."""
    to_reporter = {"kind": "report.passed", "subject": "x", "body": "y", "link": f"/reports/{report.reference}/"}
    Outbox.objects.create(to=report.reporter, dedupe=f"report-passed:{report.pk}", **to_reporter)
    Outbox.objects.update(state=State.FAILED, last_error="E-mail: SMTP 550 at the recipient")
    return report


def page(client: Client) -> str:
    answer = client.get(PAGE)
    assert answer.status_code == 200
    return answer.content.decode()


def test_they_see_whose_it_is_and_why_and_the_list_of_reports_leads_there(client: Client, officer: Person, report: Report) -> None:
    shown = page(client)
    for said in (report.reference, report.reporter.plain_name, "SMTP 550"):
        assert said in shown
    assert "2 notices reached nobody" in client.get("/standards/").content.decode()


def test_the_name_of_a_reporter_who_keeps_it_back_is_not_shown(client: Client, officer: Person) -> None:
    constable, *_ = a_line()
    report = given_up(send(constable, confidential=True))
    assert {one.to for one in undelivered(officer)} == {KEPT_BACK, Outbox.objects.get(kind="duty.passed").to.name_and_unit}
    assert report.reporter.plain_name not in page(client).replace(Outbox.objects.get(kind="duty.passed").to.plain_name, "")


def test_nor_does_the_fault_or_the_minute_match_it_to_another_message_of_theirs(client: Client, officer: Person) -> None:
    constable, *_ = a_line()
    report, fault = send(constable, confidential=True), "E-mail: SMTP 552 at this one mailbox"
    given_up(send(constable))
    given_up(report)
    Outbox.objects.filter(to=constable).update(last_error=fault, made_at=F("made_at") - timedelta(days=3))
    found = undelivered(officer)
    assert [(one.to == KEPT_BACK, one.roughly, one.why == "") for one in found][-1] == (True, "In the last week", True)
    assert sum(one.why == fault for one in found) == 1
    shown = page(client)
    assert (shown.count(fault), shown.count("In the last week.")) == (1, 1)


def test_whoever_must_not_know_of_the_report_sees_nothing_of_it(client: Client, officer: Person, report: Report) -> None:
    Exclusion.objects.create(report=report, person=officer, why=Excluded.NAMED)
    assert report.reference not in page(client)
    assert "reached nobody</a>" not in client.get("/standards/").content.decode()
    key = Outbox.objects.get(kind="duty.passed").pk
    assert client.post(PAGE, {"notice": key}).status_code == 404
    assert Outbox.objects.get(pk=key).state == State.FAILED


def test_a_daily_message_is_kept_from_whoever_must_not_know_of_one_report_in_it(officer: Person, report: Report) -> None:
    digest = Outbox.objects.create(to=report.reporter, kind="digest.daily", subject="x", body="", link="/", dedupe="d", state=State.FAILED)
    Outbox.objects.filter(kind="report.passed").update(state=State.GATHERED, gathered_in=digest)
    assert digest.pk in {one.key for one in undelivered(officer)}
    Exclusion.objects.create(report=report, person=officer, why=Excluded.NAMED)
    assert undelivered(officer) == []


def test_one_is_sent_again(client: Client, officer: Person, report: Report) -> None:
    notice = Outbox.objects.get(kind="duty.passed")
    assert client.post(PAGE, {"notice": notice.pk}).status_code == 302
    deliver_batch()
    assert [letter.to for letter in mail.outbox] == [[notice.to.email]]


@pytest.mark.parametrize("key", ["", "x", "999999999"])
def test_what_is_not_in_the_list_does_not_exist(client: Client, officer: Person, key: str) -> None:
    assert client.post(PAGE, {"notice": key}).status_code == 404


def test_nothing_undelivered_says_so(client: Client, officer: Person) -> None:
    assert "Every notice that you may know of has been taken by a channel." in page(client)


def test_it_is_nobody_elses_page(client: Client, report: Report) -> None:
    client.force_login(report.reporter)
    assert client.get(PAGE).status_code == client.post(PAGE, {"notice": 1}).status_code == 404
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_it_is_read_or_posted(client: Client, officer: Person) -> None:
    assert client.delete(PAGE).status_code == 405
