"""Notices about reports that reached nobody: professional standards see whose they are, but for what they must not know."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.db.models import F
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from reporting.choices import Excluded
from reporting.desk.undelivered import KEPT_BACK, Undelivered, lines, undelivered
from reporting.escalation.reminding import remind
from reporting.models import Exclusion, Report
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, age, send, standards_officer

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


def listed(person: Person) -> list[Undelivered]:
    return lines(undelivered(person))


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
    assert {one.to for one in listed(officer)} == {KEPT_BACK, Outbox.objects.get(kind="duty.passed").to.name_and_unit}
    assert report.reporter.plain_name not in page(client).replace(Outbox.objects.get(kind="duty.passed").to.plain_name, "")


def test_nor_does_the_fault_or_the_minute_match_it_to_another_message_of_theirs(client: Client, officer: Person) -> None:
    constable, *_ = a_line()
    report, fault = send(constable, confidential=True), "E-mail: SMTP 552 at this one mailbox"
    given_up(send(constable))
    given_up(report)
    Outbox.objects.filter(to=constable).update(last_error=fault, made_at=F("made_at") - timedelta(days=3))
    found = listed(officer)
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


def test_their_count_leaves_it_out_and_the_others_count_it(client: Client, officer: Person, report: Report) -> None:
    constable, *_ = a_line()
    given_up(send(constable))
    Exclusion.objects.create(report=report, person=officer, why=Excluded.NAMED)
    assert "2 notices reached nobody" in client.get("/standards/").content.decode()
    client.force_login(standards_officer())
    assert "4 notices reached nobody" in client.get("/standards/").content.decode()


def test_nobody_without_the_role_has_such_a_list(report: Report) -> None:
    assert listed(report.reporter) == []


def test_a_notice_that_counts_reports_and_one_of_a_report_that_is_not_there_are_shown_to_nobody(officer: Person, report: Report) -> None:
    before = {one.key for one in listed(officer)}
    for kind, link in (
        ("duty.reminder", "/duties/"),
        ("report.passed", "/reports/MR-2222-2222/"),
        ("promise.missed", "/reports/MR-2222-2222/"),
    ):
        Outbox.objects.create(to=report.reporter, kind=kind, subject="x", body="y", link=link, dedupe=kind, state=State.FAILED)
    assert {one.key for one in listed(officer)} == before


def test_a_desks_reminder_is_kept_from_whoever_must_not_know_of_a_report_that_the_desk_held_then(officer: Person) -> None:
    """It names none: which it may count is known by the desk and the minute."""
    member, reader = standards_officer(), administrator()
    report = send(a_line()[0], skip_line=True)
    age(report, days=9)
    remind(today=timezone.localdate())
    Outbox.objects.filter(to=member, kind="duty.overdue").update(state=State.FAILED)
    later = send(a_line()[0], skip_line=True)
    Exclusion.objects.create(report=later, person=officer, why=Excluded.NAMED)
    assert [(one.to, one.reference) for one in listed(officer)] == [(member.name_and_unit, report.reference)]
    assert "about a report" in outbox(reader)
    for person in (officer, reader):
        Exclusion.objects.create(report=report, person=person, why=Excluded.NAMED)
    assert (listed(officer), "about a report" in outbox(reader)) == ([], False)


def administrator() -> Person:
    person: Person = PersonFactory(is_staff=True)
    person.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
    return person


def outbox(person: Person) -> str:
    client = signed_in(person)
    return client.get("/admin/notices/outbox/").content.decode()


def test_one_that_names_two_reports_is_kept_from_whoever_must_not_know_of_either(officer: Person, report: Report) -> None:
    constable, *_ = a_line()
    other = send(constable)
    about = {"kind": "promise.both", "subject": f"{report.reference} and {other.reference}", "body": "y", "link": "/"}
    key = Outbox.objects.create(to=constable, dedupe="both", state=State.FAILED, **about).pk
    assert [one.reference for one in listed(officer) if one.key == key] == [""]
    Exclusion.objects.create(report=other, person=officer, why=Excluded.NAMED)
    assert key not in {one.key for one in listed(officer)}


def test_a_longer_list_is_no_more_queries(client: Client, officer: Person, report: Report) -> None:
    """It is filtered before it is cut into pages: what is kept from the reader takes no place in them."""
    Exclusion.objects.create(report=report, person=officer, why=Excluded.NAMED)
    constable, *_ = a_line()
    shown = given_up(send(constable, confidential=True))

    def more(about: Report, many: int) -> None:
        Outbox.objects.bulk_create(
            Outbox(
                to=about.reporter,
                kind="report.passed",
                subject="x",
                body="y",
                link=f"/reports/{about.reference}/",
                dedupe=f"more:{about.pk}:{place}",
                state=State.FAILED,
                made_at="2026-01-01T00:00:00Z",
            )
            for place in range(many)
        )

    more(report, 60)
    client.get("/standards/")  # what is read once, is
    before, of_standards = asked(client, PAGE), asked(client, "/standards/")
    more(shown, 40)
    assert (asked(client, PAGE), asked(client, "/standards/")) == (before, of_standards)
    assert (page(client).count("Send again"), client.get(f"{PAGE}?page=2").content.decode().count("Send again")) == (25, 17)


def asked(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    return len(seen)


def test_a_daily_message_is_kept_from_whoever_must_not_know_of_one_report_in_it(officer: Person, report: Report) -> None:
    digest = Outbox.objects.create(to=report.reporter, kind="digest.daily", subject="x", body="", link="/", dedupe="d", state=State.FAILED)
    Outbox.objects.filter(kind="report.passed").update(state=State.GATHERED, gathered_in=digest)
    assert digest.pk in {one.key for one in listed(officer)}
    Exclusion.objects.create(report=report, person=officer, why=Excluded.NAMED)
    assert listed(officer) == []


def test_one_is_sent_again(client: Client, officer: Person, report: Report) -> None:
    notice = Outbox.objects.get(kind="duty.passed")
    assert client.post(PAGE, {"notice": notice.pk}).status_code == 302
    deliver_batch()
    assert [letter.to for letter in mail.outbox] == [[notice.to.email]]


@pytest.mark.parametrize("key", ["", "x", "999999999"])
def test_what_is_not_in_the_list_does_not_exist(client: Client, officer: Person, key: str) -> None:
    assert client.post(PAGE, {"notice": key}).status_code == 404


def test_nothing_undelivered_says_so(client: Client, officer: Person) -> None:
    assert "No notice that you may know of has failed." in page(client)


def test_it_is_nobody_elses_page(client: Client, report: Report) -> None:
    client.force_login(report.reporter)
    assert client.get(PAGE).status_code == client.post(PAGE, {"notice": 1}).status_code == 404
    client.logout()
    assert client.get(PAGE).status_code == 302


def test_it_is_read_or_posted(client: Client, officer: Person) -> None:
    assert client.delete(PAGE).status_code == 405
