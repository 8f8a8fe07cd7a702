from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.requests.choices import ErasureState, Ground
from reporting.choices import Excluded
from reporting.erasure import erasing
from reporting.models import Erasure, Report
from reporting.tests.browsing import in_one_line, signed_in
from reporting.tests.erasures import asked, closed, erased
from reporting.tests.making import a_line, send, standards_officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
ASKING = {"ground": "order", "reason": "Order 12 of the county court"}


@pytest.fixture
def report() -> Report:
    return closed()


def base(report: Report) -> str:
    return f"/standards/{report.reference}/erase/"


def test_one_asks_and_another_erases(one: Person, other: Person, report: Report) -> None:
    first, second = signed_in(one), signed_in(other)
    assert base(report) in in_one_line(first.get(f"/standards/{report.reference}/"))
    assert "Ask to erase" in in_one_line(first.get(base(report)))
    page = in_one_line(first.post(base(report), ASKING, follow=True))
    assert "Nobody else there" not in page
    assert "A second person decides" in page
    assert "Erase for good" not in page
    page = in_one_line(second.get(base(report)))
    assert f"{one.name_and_unit} asked at" in page
    assert ASKING["reason"] in page
    page = in_one_line(second.post(f"{base(report)}confirm/", {"reference": report.reference}, follow=True))
    assert "The content of this report was erased" in page
    assert Erasure.objects.get().state == ErasureState.DONE


def test_each_page_reads_its_report_once(one: Person, other: Person, report: Report) -> None:
    client = signed_in(other)
    assert reads(client, report) == 2, "once more for whether the retention rule reaches it"
    asked(report, one)
    assert reads(client, report) == 1


def reads(client: Client, report: Report) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(base(report)).status_code == 200
    return sum('FROM "reporting_report"' in query["sql"] or 'JOIN "reporting_report"' in query["sql"] for query in seen)


def test_the_second_person_refuses_with_a_reason(one: Person, other: Person, report: Report) -> None:
    asked(report, one)
    second = signed_in(other)
    page = in_one_line(second.post(f"{base(report)}refuse/", {"reason": ""}))
    assert "Enter why you refuse" in page
    assert '<details class="govuk-details" open>' in page
    second.post(f"{base(report)}refuse/", {"reason": "It names another report"})
    assert Erasure.objects.get().state == ErasureState.REFUSED
    page = in_one_line(signed_in(one).get(f"/standards/{report.reference}/"))
    assert "refused to erase this report" in page
    assert "It names another report" in page
    reporters = in_one_line(signed_in(report.reporter).get(f"/reports/{report.reference}/"))
    assert "erase" not in reporters


def test_the_asker_withdraws_and_decides_nothing(one: Person, report: Report) -> None:
    asked(report, one)
    client = signed_in(one)
    assert "Nobody else there can decide" in in_one_line(client.get(base(report)))
    for part, given in (("confirm/", {"reference": report.reference}), ("refuse/", {"reason": "x"})):
        client.post(f"{base(report)}{part}", given)
        assert Erasure.objects.get().state == ErasureState.ASKED
    client.post(f"{base(report)}withdraw/")
    assert Erasure.objects.get().state == ErasureState.WITHDRAWN
    assert "Ask to erase" in in_one_line(client.get(base(report)))


def test_another_reference_and_none_are_answered_in_words(one: Person, other: Person, report: Report) -> None:
    asked(report, one)
    second = signed_in(other)
    assert "Enter the reference of the report" in in_one_line(second.post(f"{base(report)}confirm/", {}))
    assert "Enter the reference of this report, as it stands" in in_one_line(
        second.post(f"{base(report)}confirm/", {"reference": "MR-2222-2222"})
    )
    assert Erasure.objects.get().state == ErasureState.ASKED


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "Select under what it is to be erased"),
        ({"ground": "order"}, "Enter why it is to be erased"),
        ({"ground": "whim", "reason": "x"}, "Select a lawful order"),
        ({"ground": "order", "reason": "x" * 2001}, "Enter 2,000 characters or fewer"),
    ],
)
def test_a_request_says_under_what_and_why(one: Person, report: Report, given: dict[str, str], said: str) -> None:
    assert said in in_one_line(signed_in(one).post(base(report), given))
    assert not Erasure.objects.exists()


def test_the_retention_rule_is_offered_where_it_reaches(one: Person) -> None:
    client, young, open_still, old = signed_in(one), closed(10), send(a_line()[0]), closed()
    assert "retention period of this report has not passed" in in_one_line(client.get(base(young)))
    assert "still holds the duty" in in_one_line(client.get(base(open_still)))
    assert "The retention rule" in in_one_line(client.get(base(old)))
    assert "Select a lawful order" in in_one_line(client.post(base(young), {"ground": "retention", "reason": "x"}))


def test_reports_past_their_retention_are_listed_for_two_people_to_erase(one: Person, other: Person) -> None:
    client = signed_in(one)
    assert "None has passed its retention date" in in_one_line(client.get("/standards/retention/"))
    old, young, hidden = closed(), closed(10), closed(excluded={one: Excluded.NAMED})
    assert "1 report has passed its retention date" in in_one_line(client.get("/standards/"))
    page = in_one_line(client.get("/standards/retention/"))
    assert "1 report has passed its retention date" in page
    assert old.reference in page
    assert young.reference not in page
    assert hidden.reference not in page
    assert "2 reports have passed their retention date" in in_one_line(signed_in(other).get("/standards/"))
    asked(old, one, Ground.RETENTION)
    assert f"Decide whether to erase report {old.reference}" in strip_tags(in_one_line(signed_in(other).get("/standards/")))
    assert "Decide whether" not in in_one_line(client.get("/standards/"))
    assert f"{one.name_and_unit} asked at" in in_one_line(signed_in(other).get("/standards/retention/"))


def test_a_request_that_came_first_is_said_to_whoever_asks_second(one: Person, other: Person, report: Report) -> None:
    asked(report, one)
    assert "Somebody has already asked" in in_one_line(signed_in(other).post(base(report), ASKING))


@pytest.mark.parametrize(("part", "given"), [("confirm/", {"reference": "x"}), ("refuse/", {"reason": "x"}), ("withdraw/", {})])
def test_what_nobody_asks_for_any_more_is_not_decided(one: Person, report: Report, part: str, given: dict[str, str]) -> None:
    response = signed_in(one).post(f"{base(report)}{part}", given)
    assert (response.status_code, response.headers["Location"]) == (302, f"/standards/{report.reference}/")


def test_of_an_erased_report_nothing_is_asked(one: Person, other: Person, report: Report) -> None:
    erased(report, one, other)
    client = signed_in(one)
    assert client.get(base(report)).status_code == 410
    assert client.post(base(report), ASKING).status_code == 410
    assert client.post(f"{base(report)}confirm/", {"reference": report.reference}).status_code == 410


def test_an_erasure_that_was_faster_is_said(one: Person, other: Person, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    third = standards_officer()
    erasure = asked(report, one)
    monkeypatch.setattr("reporting.views.erasing._waiting", lambda _report: Erasure.objects.get(pk=erasure.pk))
    erasing.refuse(person=third, key=erasure.pk, reason="No")
    page = in_one_line(signed_in(other).post(f"{base(report)}confirm/", {"reference": report.reference}))
    assert "This request was refused already" in page


@pytest.mark.parametrize("role", [None, Role.STORES, Role.ADMINISTRATOR, Role.AUDITOR])
def test_for_everybody_else_these_pages_do_not_exist(one: Person, report: Report, role: str | None) -> None:
    asked(report, one)
    person = PersonFactory(rank=60, is_superuser=role == Role.ADMINISTRATOR)
    if role:
        person.groups.add(Group.objects.get_or_create(name=role)[0])
    reporter_of_it = standards_officer()
    Report.objects.filter(pk=report.pk).update(reporter=reporter_of_it)
    report.exclusions.update(person=reporter_of_it)
    for wrong in (person, reporter_of_it):
        client = signed_in(wrong)
        answers = [
            client.get(base(report)),
            *(client.post(f"{base(report)}{part}", ASKING) for part in ("", "confirm/", "refuse/", "withdraw/")),
        ]
        assert {answer.status_code for answer in answers} == {404}
    assert signed_in(person).get("/standards/retention/").status_code == 404


def test_nobody_signed_in_is_sent_to_sign_in(report: Report) -> None:
    for address in (base(report), "/standards/retention/"):
        assert Client().get(address).headers["Location"].startswith("/accounts/login/")


def test_a_wrong_method_is_refused(one: Person, report: Report) -> None:
    client = signed_in(one)
    assert [client.get(f"{base(report)}{part}").status_code for part in ("confirm/", "refuse/", "withdraw/")] == [405] * 3
    assert client.post("/standards/retention/").status_code == 405
    assert client.put(base(report)).status_code == 405


def test_looking_at_a_request_writes_nothing(one: Person, other: Person, report: Report) -> None:
    asked(report, one)
    before = Erasure.objects.values().get()
    signed_in(other).get(base(report))
    signed_in(other).get("/standards/retention/")
    assert Erasure.objects.values().get() == before
