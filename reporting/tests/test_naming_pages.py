from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import Group
from django.test import Client
from django.utils import timezone
from django.utils.html import strip_tags

from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory, UnitFactory
from reporting.choices import Excluded, NameState
from reporting.confidence import naming
from reporting.models import NameOpening, Report
from reporting.tests.browsing import in_one_line, signed_in
from reporting.tests.making import a_line, looks, send, standards_officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
ASKING = {"reason": "A witness has to be asked in person.", "withholding": "at_once"}


@pytest.fixture
def report() -> Report:
    unit = UnitFactory(code="QQ", name="Quiet Quarter")
    return send(a_line(first_name="Quentin", unit=unit)[0], confidential=True)


def base(report: Report) -> str:
    return f"/standards/{report.reference}/name/"


def asked(report: Report, person: Person) -> NameOpening:
    return naming.ask_to_open(person=person, report_id=report.pk, reason=ASKING["reason"])


def in_ten_days() -> dict[str, str]:
    day = timezone.localdate() + timedelta(days=10)
    return {"until_day": str(day.day), "until_month": str(day.month), "until_year": str(day.year)}


def test_a_name_to_open_is_listed_for_whoever_may_decide_and_nobody_else(one: Person, other: Person, report: Report) -> None:
    hidden = standards_officer()
    report.exclusions.create(person=hidden, why=Excluded.FOUND)
    opening = asked(report, one)
    page = in_one_line(signed_in(other).get("/standards/"))
    assert f"Decide whether to open the name in report {report.reference}" in strip_tags(page)
    assert base(report) in page
    for person in (one, hidden):
        assert "Decide whether" not in in_one_line(signed_in(person).get("/standards/"))
    assert "Decide whether" not in in_one_line(signed_in(other).get("/standards/?state=open"))
    naming.refuse(person=other, key=opening.pk, reason="Ask the holder.")
    assert "Decide whether" not in in_one_line(signed_in(other).get("/standards/"))


def test_a_name_to_open_is_listed_for_no_reporter_in_professional_standards(one: Person, other: Person) -> None:
    report = send(other, skip_line=True, confidential=True)
    asked(report, one)
    assert "Decide whether" not in in_one_line(signed_in(other).get("/standards/"))


def test_one_asks_another_opens_and_a_third_sees_nothing(one: Person, other: Person, report: Report) -> None:
    first, second, third = signed_in(one), signed_in(other), signed_in(standards_officer())
    name, page_of = report.reporter.plain_name, f"/standards/{report.reference}/"
    assert name not in in_one_line(first.get(page_of))
    assert "Ask to open the name" in in_one_line(first.get(base(report)))
    assert "A second person decides" in in_one_line(first.post(base(report), ASKING, follow=True))
    assert "Somebody asked to open the name" in in_one_line(second.get(page_of))
    page = in_one_line(second.get(base(report)))
    assert ASKING["reason"] in page
    assert name not in page
    page = in_one_line(second.post(f"{base(report)}open/", follow=True))
    assert f"{report.reporter.name_and_unit}</strong>, {report.reporter.number}" in page
    for client in (first, second):
        assert name in in_one_line(client.get(page_of))
        assert name in in_one_line(client.get(base(report)))
    for address in (page_of, base(report), "/standards/", f"{page_of}statement/"):
        assert name not in in_one_line(third.get(address))
    assert "looked at the reporter’s name" in in_one_line(third.get(page_of))
    assert looks(report).count("report.consulted") >= 4


def test_a_unit_that_is_kept_back_is_neither_shown_nor_found(one: Person, report: Report) -> None:
    client = signed_in(one)
    page = in_one_line(client.get("/standards/"))
    assert report.reference in page
    assert "Sent from QQ" not in page
    assert "No reports match" in in_one_line(client.get("/standards/", {"unit": "QQ"}))


def test_a_member_of_the_desk_who_holds_it_is_not_shown_the_name_either(one: Person) -> None:
    report = send(a_line(first_name="Quentin")[0], confidential=True, skip_line=True)
    client = signed_in(one)
    for address in (f"/duties/{report.reference}/", f"/standards/{report.reference}/", "/duties/", "/standards/", "/"):
        assert "Quentin" not in in_one_line(client.get(address))


def test_the_two_close_it(one: Person, other: Person, report: Report) -> None:
    naming.open_name(person=other, key=asked(report, one).pk, tell_now=True)
    client = signed_in(one)
    assert "The name is closed" in in_one_line(client.post(f"{base(report)}close/", follow=True))
    assert "Ask to open the name" in in_one_line(client.get(base(report)))
    assert "nothing to decide any more" in in_one_line(client.post(f"{base(report)}close/", follow=True))


def test_withholding_is_asked_for_agreed_and_ended(one: Person, other: Person, report: Report) -> None:
    first, second = signed_in(one), signed_in(other)
    given = {**ASKING, "withholding": "safety", "withheld": "They would be hurt.", **in_ten_days()}
    first.post(base(report), given)
    page = in_one_line(second.get(base(report)))
    assert "They would be hurt." in page
    assert "as asked" in page
    assert "Select when the reporter is told" in in_one_line(second.post(f"{base(report)}open/", {}))
    page = in_one_line(second.post(f"{base(report)}open/", {"told": "later"}, follow=True))
    assert "The reporter has not been told yet" in page
    reporters = signed_in(report.reporter)
    assert "opened your name" not in in_one_line(reporters.get(f"/reports/{report.reference}/"))
    assert "The reporter was told" in in_one_line(first.post(f"{base(report)}tell/", follow=True))
    assert "opened your name" in in_one_line(reporters.get(f"/reports/{report.reference}/"))
    assert "nothing to decide any more" in in_one_line(first.post(f"{base(report)}tell/", follow=True))


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"reason": ""}, "Enter why you need the name"),
        ({"withholding": ""}, "Select when the reporter is told"),
        ({"withholding": "law", "withheld": "x"}, "Enter a day in the next 90 days"),
        (
            {"withholding": "law", "withheld": "x", "until_day": "1", "until_month": "1", "until_year": "2099"},
            "Enter a day in the next 90 days",
        ),
        ({"withholding": "law", "until_day": "31", "until_month": "2", "until_year": "2027"}, "Enter why they are told later"),
        ({"reason": "x" * 2001}, "Enter 2,000 characters or fewer"),
    ],
)
def test_what_is_missing_is_said_in_words(one: Person, report: Report, changes: dict[str, str], said: str) -> None:
    assert said in in_one_line(signed_in(one).post(base(report), {**ASKING, **changes}))
    assert not NameOpening.objects.exists()


def test_the_second_person_refuses_with_a_reason(one: Person, other: Person, report: Report) -> None:
    asked(report, one)
    second = signed_in(other)
    page = in_one_line(second.post(f"{base(report)}refuse/", {"reason": ""}))
    assert "Enter why you refuse" in page
    assert '<details class="govuk-details" open>' in page
    second.post(f"{base(report)}refuse/", {"reason": "Ask them here."})
    assert NameOpening.objects.get().state == NameState.REFUSED
    for part in ("refuse/", "open/"):
        assert "nothing to decide any more" in in_one_line(second.post(f"{base(report)}{part}", {"reason": "x"}, follow=True))


def test_the_asker_withdraws_and_decides_nothing(one: Person, report: Report) -> None:
    asked(report, one)
    client = signed_in(one)
    assert "Nobody else there can decide" in in_one_line(client.get(base(report)))
    for part in ("open/", "refuse/"):
        client.post(f"{base(report)}{part}", {"reason": "x"})
        assert NameOpening.objects.get().state == NameState.ASKED
    client.post(f"{base(report)}withdraw/")
    assert NameOpening.objects.get().state == NameState.WITHDRAWN
    assert "nothing to decide any more" in in_one_line(client.post(f"{base(report)}withdraw/", follow=True))


def test_for_excluded_people_and_everybody_else_these_pages_do_not_exist(one: Person) -> None:
    hidden, inspector = standards_officer(), PersonFactory(rank=60, is_superuser=True)
    inspector.groups.add(Group.objects.get_or_create(name=Role.ADMINISTRATOR)[0])
    report = send(a_line()[0], confidential=True, excluded={hidden: Excluded.SENDER})
    asked(report, one)
    for person in (hidden, inspector, report.reporter):
        client = signed_in(person)
        assert client.get(base(report)).status_code == 404
        for part in ("", "open/", "refuse/", "withdraw/", "close/", "tell/"):
            assert client.post(f"{base(report)}{part}", ASKING).status_code == 404
    assert NameOpening.objects.get().state == NameState.ASKED


def test_where_no_name_is_kept_back_there_is_no_such_page(one: Person) -> None:
    report = send(a_line()[0])
    assert signed_in(one).get(base(report)).status_code == 404
    assert signed_in(one).post(base(report), ASKING).status_code == 404


def test_a_wrong_method_or_nobody_signed_in_is_refused(one: Person, report: Report) -> None:
    for part in ("open/", "refuse/", "withdraw/", "close/", "tell/"):
        assert signed_in(one).get(f"{base(report)}{part}").status_code == 405
    assert signed_in(one).put(base(report)).status_code == 405
    assert Client().get(base(report)).headers["Location"].startswith("/accounts/login/")
