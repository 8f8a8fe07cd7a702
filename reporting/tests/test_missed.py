"""A duty that a deadline took stays where its former holder looks first, until they record what they did or the report is closed."""

from __future__ import annotations

import pytest
from django.utils.html import strip_tags

from portal.people.models import Person
from portal.people.tests.factories import UnitFactory, desk
from reporting import acting
from reporting.choices import Excluded, Outcome
from reporting.escalation import lapsing
from reporting.missed import missed_by
from reporting.models import Exclusion, Report
from reporting.tests.browsing import signed_in, text
from reporting.tests.making import RUNGS, age, send

pytestmark = pytest.mark.django_db
TASK = "Record what you did"


@pytest.fixture
def report(people: list[Person]) -> Report:
    return missed(people)


def missed(people: list[Person]) -> Report:
    """A report whose inspector let the deadline to open pass; the chief inspector holds it now."""
    report = send(people[0])
    age(report, hours=3)
    lapsing.fire_due()
    return report


def page(person: Person, address: str = "/duties/") -> str:
    return text(signed_in(person).get(address))


def record(person: Person, report: Report) -> None:
    acting.act_late(person=person, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Did it.")


@pytest.mark.parametrize("address", ["/", "/duties/", "/duties/board/"])
def test_a_missed_duty_stays_where_its_former_holder_looks_first(address: str, people: list[Person], report: Report) -> None:
    shown = page(people[2], address)
    assert TASK in shown
    assert f"/duties/{report.reference}/" in shown
    assert "Deadline missed" in shown


@pytest.mark.parametrize("address", ["/", "/duties/"])
def test_it_is_there_on_the_very_page_that_lets_the_deadline_fire(address: str, people: list[Person]) -> None:
    report = send(people[0])
    age(report, hours=3)
    shown = page(people[2], address)
    assert TASK in shown
    assert report.reference in shown


def test_the_duty_itself_is_its_new_holders(people: list[Person], report: Report) -> None:
    assert "You hold no duties." in page(people[2])
    holder = page(people[3])
    assert report.reference in holder
    assert TASK not in holder


@pytest.mark.parametrize("address", ["/", "/duties/"])
def test_it_goes_once_they_recorded_what_they_did(address: str, people: list[Person], report: Report) -> None:
    record(people[2], report)
    assert report.reference not in page(people[2], address)


@pytest.mark.parametrize("address", ["/", "/duties/"])
def test_it_goes_once_the_report_is_closed(address: str, people: list[Person], report: Report) -> None:
    acting.act(person=people[3], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.")
    assert report.reference not in page(people[2], address)


@pytest.mark.parametrize("address", ["/", "/duties/"])
def test_whoever_is_excluded_since_sees_nothing_of_it(address: str, people: list[Person], report: Report) -> None:
    Exclusion.objects.create(report=report, person=people[2], why=Excluded.NAMED)
    shown = page(people[2], address)
    assert report.reference not in shown
    assert TASK not in shown


def test_who_holds_it_again_with_their_post_is_asked_to_act_and_not_to_act_late(people: list[Person]) -> None:
    desk(people[2])
    report = send(people[0], rungs=[RUNGS[0], RUNGS[3]])
    age(report, hours=3)
    lapsing.fire_due()
    assert missed_by(people[2]) == []
    assert f"Open report {report.reference}" in strip_tags(page(people[2], "/"))


def test_many_are_one_line_of_the_front_page_and_a_line_each_of_the_list(people: list[Person], report: Report) -> None:
    other = missed(people)
    assert f"{TASK} about 2 reports, late" in page(people[2], "/")
    listed = page(people[2])
    assert listed.index(other.reference) < listed.index(report.reference)
    assert 'data-summary="0 duties, 2 missed"' in listed


def test_filters_and_later_pages_show_only_what_they_are_of(people: list[Person], report: Report) -> None:
    assert "Deadlines you missed" not in page(people[2], "/duties/?state=overdue")
    assert "Deadlines you missed" not in page(people[2], "/duties/?state=ended")


def test_a_board_that_gains_a_missed_duty_is_drawn_again(people: list[Person]) -> None:
    client = signed_in(people[2])
    before = client.get("/duties/board/")["ETag"]
    missed(people)
    assert client.get("/duties/board/", headers={"If-None-Match": before}).status_code == 200


def test_a_unit_kept_back_is_not_read(people: list[Person], report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(unit=UnitFactory(code="ZQ", name="Zebra"), confidential=True)
    assert missed_by(people[2])[0].unit == ""


def test_more_than_the_list_shows_are_counted_and_said_to_be_elsewhere(people: list[Person], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reporting.missed.MOST", 2)
    for _ in range(3):
        missed(people)
    board = " ".join(page(people[2]).split())
    assert 'The 2 latest of 3. <a class="govuk-link" href="/duties/?state=ended">' in board
    assert 'data-summary="0 duties, 3 missed"' in board
    assert "about 3 reports, late" in page(people[2], "/")
