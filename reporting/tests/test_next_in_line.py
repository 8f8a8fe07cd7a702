"""Where somebody is at risk, two are told at every level: the holder, and whoever is next."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.notices import delivered
from portal.notices.models import Outbox
from portal.people.models import Absence, Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import acting, opening, passing, stepping_aside
from reporting.choices import Excluded, Outcome
from reporting.escalation import lapsing
from reporting.models import Report
from reporting.tests.browsing import signed_in
from reporting.tests.making import RUNGS, a_line, age, open_duty_of, send, standards_officer
from reporting.tests.reporters import force, sent
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db


def told_next() -> list[Person]:
    return [notice.to for notice in Outbox.objects.filter(kind="duty.next_told").order_by("pk")]


def deliver_to_next(report: Report) -> None:
    for notice in Outbox.objects.filter(kind="duty.next_told", link__contains=report.reference):
        delivered.tell(notice.dedupe, timezone.now())


def page_of(person: Person, report: Report, method: str = "get") -> object:
    client = signed_in(person)
    return getattr(client, method)(f"/duties/{report.reference}/next/")


def test_the_holder_and_whoever_is_next_are_told_when_it_is_sent() -> None:
    constable, _, inspector, chief, _ = force()
    report = sent(constable, at_risk_now=True)
    assert Outbox.objects.get(kind="duty.passed").to == inspector
    notice = Outbox.objects.get(kind="duty.next_told")
    assert (notice.to, notice.link) == (chief, f"/duties/{report.reference}/next/")
    assert "You do not hold it." in notice.body
    assert "receipt" not in notice.body  # of being next there is none
    assert inspector.email in notice.body
    assert "The words that were sent" not in notice.body


def test_without_a_risk_only_the_holder_is_told() -> None:
    send(a_line()[0])
    assert told_next() == []


def test_when_the_duty_moves_up_the_next_two_are_told() -> None:
    constable, _, _, chief, superintendent = a_line()
    member = standards_officer()
    report = send(constable, at_risk_now=True)
    for _ in range(2):
        age(report, days=1)
        lapsing.fire_due()
    assert open_duty_of(report).holder == superintendent
    assert told_next() == [chief, superintendent, member]


def test_at_the_top_nobody_is_next() -> None:
    standards_officer()
    send(a_line()[0], at_risk_now=True, skip_line=True)
    assert told_next() == []


def test_excluded_people_and_the_reporter_are_never_told() -> None:
    constable, _, _, chief, superintendent = a_line()
    accused, free = standards_officer(), standards_officer()
    report = send(constable, at_risk_now=True, excluded={chief: Excluded.NAMED, accused: Excluded.SENDER})
    assert told_next() == [superintendent]
    for _ in range(2):
        age(report, days=1)
        lapsing.fire_due()
    assert told_next() == [superintendent, free]


def test_a_deputy_is_told_for_somebody_next_who_is_away() -> None:
    constable, _, _, chief, _ = a_line()
    (deputy, *_), at = a_line()[3:], timezone.now()
    Absence.objects.create(person=chief, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1))
    send(constable, at_risk_now=True)
    assert told_next() == [deputy]


def test_the_deputy_of_somebody_next_who_left_is_not_told() -> None:
    constable, _, _, chief, superintendent = a_line()
    (deputy, *_), at = a_line()[3:], timezone.now()
    Absence.objects.create(person=chief, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=1))
    Person.objects.filter(pk=chief.pk).update(is_active=False)
    send(constable, at_risk_now=True)
    assert told_next() == [superintendent]


def test_passing_and_stepping_aside_tell_the_next_two_as_well() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    other = a_line()[2]
    report = send(constable, at_risk_now=True)
    passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="Theirs")
    stepping_aside.step_aside(person=other, report_id=report.pk, reason="I know them")
    assert open_duty_of(report).holder == chief
    assert told_next() == [chief, chief, superintendent]


def test_many_that_lapse_together_are_read_in_sets(django_assert_max_num_queries: object) -> None:
    standards_officer()
    for report in [send(a_line()[0], at_risk_now=True) for _ in range(6)]:
        age(report, days=1)
    with django_assert_max_num_queries(27):  # type: ignore[operator]
        assert lapsing.fire_due() == 6


def test_who_was_told_is_a_fact_and_is_on_the_timeline() -> None:
    constable, _, _, chief, _ = a_line()
    report = send(constable, at_risk_now=True)
    deliver_to_next(report)
    fact = Fact.objects.of_kind("duty.next_told").get()
    assert (fact.subject, fact.data["told"], fact.data["duty"]) == (report.subject, f"person:{chief.pk}", open_duty_of(report).pk)
    assert f"{chief.name_and_unit} was told that it passes to them next" in [event.text for event in timeline(report, viewer=constable)]
    age(report, days=1)
    lapsing.fire_due()
    assert "You were told that it passes to you next" in [event.text for event in timeline(report, viewer=chief)]


def test_told_by_two_channels_is_told_once() -> None:
    report = send(a_line()[0], at_risk_now=True)
    for _ in range(2):
        deliver_to_next(report)
    assert Fact.objects.of_kind("duty.next_told").count() == 1


def test_whoever_is_next_reads_who_to_reach_and_nothing_of_the_report() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable, at_risk_now=True)
    deliver_to_next(report)
    page = page_of(chief, report).content.decode()  # type: ignore[attr-defined]
    assert "See that this report is opened" in page
    assert inspector.email in page
    assert "The words of the message." not in page
    assert constable.plain_name not in page
    assert page_of(chief, report, "post").status_code == 405  # type: ignore[attr-defined]
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    assert "The report was opened" in page_of(chief, report).content.decode()  # type: ignore[attr-defined]


def test_the_page_is_nobody_elses() -> None:
    constable, _, inspector, chief, superintendent = a_line()
    report = send(constable, at_risk_now=True)
    assert page_of(chief, report).status_code == 404  # type: ignore[attr-defined]  # not told yet
    deliver_to_next(report)
    assert page_of(superintendent, report).status_code == 404  # type: ignore[attr-defined]
    assert page_of(constable, report).status_code == 404  # type: ignore[attr-defined]
    assert page_of(inspector, report)["Location"] == f"/duties/{report.reference}/"  # type: ignore[index]
    assert Client().get(f"/duties/{report.reference}/next/").status_code == 302


def test_somebody_told_who_is_excluded_since_finds_nothing() -> None:
    constable, _, _, chief, _ = a_line()
    report = send(constable, at_risk_now=True)
    deliver_to_next(report)
    report.exclusions.create(person=chief, why=Excluded.DECLARED)
    assert page_of(chief, report).status_code == 404  # type: ignore[attr-defined]


def test_once_it_passed_to_them_the_page_is_the_duty() -> None:
    constable, _, _, chief, _ = a_line()
    report = send(constable, at_risk_now=True)
    deliver_to_next(report)
    age(report, days=1)
    lapsing.fire_due()
    assert page_of(chief, report)["Location"] == f"/duties/{report.reference}/"  # type: ignore[index]


def test_once_somebody_acted_nothing_is_left_to_do() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable, at_risk_now=True)
    deliver_to_next(report)
    acting.act(person=inspector, report_id=report.pk, outcome=Outcome.SAFEGUARDING, reasons="Went there")
    assert "Nothing is left to do" in page_of(chief, report).content.decode()  # type: ignore[attr-defined]


@pytest.mark.parametrize("at_desk", [True, False])
def test_which_of_a_desk_were_told_does_not_say_that_another_sent_it(at_desk: bool) -> None:
    """Where the reporter's name is kept back the record says that the desk was told, whoever of it was."""
    one, other, top = standards_officer(), standards_officer(), PersonFactory(rank=50)
    reporter = other if at_desk else PersonFactory()
    Person.objects.filter(pk=reporter.pk).update(line_manager=top)
    reporter.refresh_from_db()
    report = send(reporter, at_risk_now=True, confidential=True, rungs=RUNGS[2:])
    assert open_duty_of(report).holder == top
    deliver_to_next(report)
    (fact,) = Fact.objects.of_kind("duty.next_told")
    assert fact.data["told"] == "post:professional-standards"
    assert "The desk that it passes to next was told" in [event.text for event in timeline(report, viewer=one)]
    assert page_of(one, report).status_code == 200  # type: ignore[attr-defined]
    assert page_of(PersonFactory(), report).status_code == 404  # type: ignore[attr-defined]
    assert page_of(reporter, report).status_code == 404  # type: ignore[attr-defined]
