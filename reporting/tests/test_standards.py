from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils.html import strip_tags

from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from reporting.choices import DutyState, Excluded
from reporting.escalation import lapsing
from reporting.models import Report
from reporting.tests.browsing import in_one_line, signed_in, text
from reporting.tests.erasures import asked
from reporting.tests.making import a_line, age, chain, looks, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def member() -> Person:
    return standards_officer()


@pytest.fixture
def desk(member: Person) -> Client:
    return signed_in(member)


@pytest.fixture
def report() -> Report:
    return send(a_line()[0], confidential=True)


def test_every_report_is_listed_with_its_holder_and_the_desks_own_first(desk: Client, report: Report) -> None:
    own = send(a_line()[0], skip_line=True)
    page = text(desk.get("/standards/"))
    assert page.index("With your desk") < page.index(own.reference) < page.index("Every report") < page.index(report.reference)
    assert open_duty_of(report).holder.name in page  # type: ignore[union-attr]


def test_filters_and_search(desk: Client, report: Report) -> None:
    late = send(a_line()[0], skip_line=True)
    age(late, days=4)
    lapsing.fire_due()
    for given, shown, hidden in [
        ({"deadline": "overdue"}, late, report),
        ({"deadline": "missed"}, late, report),
        ({"state": "open", "unit": "CN", "category": "racist", "deadline": "overdue"}, late, report),
    ]:
        page = text(desk.get("/standards/", given))
        assert shown.reference in page
        assert hidden.reference not in page
    assert (
        desk.get("/standards/", {"q": report.reference.lower().replace("-", " ")}).headers["Location"] == f"/standards/{report.reference}/"
    )
    assert "No reports match" in text(desk.get("/standards/", {"q": "MR-2222-2222"}))
    assert "No reports match" in text(desk.get("/standards/", {"category": "sexual"}))


def test_a_long_list_costs_few_queries(desk: Client, django_assert_max_num_queries: Any) -> None:
    constable = a_line()[0]
    for _ in range(30):
        send(constable)
    with django_assert_max_num_queries(12):
        assert "page=2" in text(desk.get("/standards/"))


def test_looking_is_recorded_and_does_not_show_a_name_that_is_kept_back(desk: Client, report: Report) -> None:
    page = text(desk.get(f"/standards/{report.reference}/"))
    assert report.reporter.plain_name not in page
    assert "Open the name" in page
    assert "The words of the message." in page
    assert looks(report) == ["report.consulted"]
    assert open_duty_of(report).state == DutyState.SENT


def test_looking_at_what_the_desk_holds_opens_its_duty(desk: Client) -> None:
    report = send(a_line()[0], skip_line=True)
    assert "Act on it" in text(desk.get(f"/standards/{report.reference}/"))
    assert open_duty_of(report).state == DutyState.OPENED


def test_a_member_who_is_in_the_report_never_learns_of_it(desk: Client, member: Person) -> None:
    report = send(a_line()[0], excluded={member: Excluded.SENDER}, skip_line=True)
    assert report.reference not in text(desk.get("/standards/"))
    assert "No reports match" in text(desk.get("/standards/", {"q": report.reference}))
    assert report.reference not in text(desk.get("/duties/"))
    assert desk.get(f"/standards/{report.reference}/").status_code == 404
    assert (chain(report), looks(report)) == (["report.sent", "duty.passed"], [])


def test_a_member_does_not_see_their_own_report_here(desk: Client, member: Person) -> None:
    report = send(member)
    assert desk.get(f"/standards/{report.reference}/").status_code == 404


@pytest.mark.parametrize("role", [None, Role.STORES, Role.ADMINISTRATOR, Role.AUDITOR])
def test_for_everybody_else_these_pages_do_not_exist(report: Report, role: str | None) -> None:
    person = PersonFactory(rank=60, is_superuser=role == Role.ADMINISTRATOR)
    if role:
        person.groups.add(Group.objects.get_or_create(name=role)[0])
    client = signed_in(person)
    assert client.get("/standards/").status_code == 404
    assert client.get(f"/standards/{report.reference}/").status_code == 404


def test_a_wrong_method_or_reference_is_refused(desk: Client, report: Report) -> None:
    assert desk.post("/standards/").status_code == 405
    assert desk.post(f"/standards/{report.reference}/").status_code == 405
    assert desk.get("/standards/MR-2222-2222/").status_code == 404
    assert desk.get("/standards/nonsense/").status_code == 404


def test_the_sentence_of_each_act_tells_who_looked(desk: Client, report: Report) -> None:
    holder = open_duty_of(report).holder
    assert holder is not None
    signed_in(holder).get(f"/duties/{report.reference}/")
    page = text(desk.get(f"/standards/{report.reference}/"))
    assert f"{holder.name_and_unit} looked at the report" in page


def ask_to_erase(many: int) -> list[Report]:
    asker, reporter = standards_officer(), a_line()[0]
    reports = [send(reporter) for _ in range(many)]
    for report in reports:
        asked(report, asker)
    return reports


def test_what_waits_for_a_second_person_says_that_there_is_more_and_where(desk: Client) -> None:
    reports = ask_to_erase(26)
    page = in_one_line(desk.get("/standards/"))
    assert "The 10 oldest of 26." in page
    assert f"report {reports[10].reference}" not in strip_tags(page)
    first, second = desk.get("/standards/waiting/"), desk.get("/standards/waiting/?page=2")
    assert [one.reference for one in first.context["page"]] == [report.reference for report in reports[:25]]
    assert [one.reference for one in second.context["page"]] == [reports[25].reference]


def test_a_whole_list_does_not_say_that_it_is_cut(desk: Client) -> None:
    ask_to_erase(1)
    assert "oldest of" not in text(desk.get("/standards/"))


def test_nobody_is_asked_to_decide_on_what_they_asked_for_themselves(desk: Client, member: Person, report: Report) -> None:
    asked(report, member)
    assert "Nothing about a report waits for you" in text(desk.get("/standards/waiting/"))


def test_what_waits_is_for_professional_standards_alone() -> None:
    assert signed_in(PersonFactory(rank=60)).get("/standards/waiting/").status_code == 404
    assert Client().get("/standards/waiting/").status_code == 302


def test_what_a_desk_holds_says_that_there_is_more(desk: Client) -> None:
    reporter = a_line()[0]
    for _ in range(11):
        send(reporter, skip_line=True)
    assert "The 10 most urgent of 11." in in_one_line(desk.get("/standards/"))


def test_a_report_says_in_a_sentence_which_desk_holds_it(desk: Client) -> None:
    report = send(a_line()[0], skip_line=True)
    assert "The professional standards desk has held the duty since" in text(desk.get(f"/standards/{report.reference}/"))
