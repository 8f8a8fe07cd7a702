"""Nobody is kept from a report so that one person alone knows of it, nor is a refusal a way to find out who sent it."""

from __future__ import annotations

import pytest

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from reporting import stepping_aside
from reporting.choices import Conflicted, Excluded
from reporting.desk import excluding
from reporting.desk.excluding import CannotExclude
from reporting.models import Conflict, Exclusion, Report
from reporting.stepping_aside import NobodyElse
from reporting.tests.making import a_line, send, standards_officer

pytestmark = pytest.mark.django_db(transaction=True)
AT_DESK = pytest.mark.parametrize("at_desk", [True, False])


def exclude(person: Person, report: Report, whom: Person) -> None:
    excluding.exclude(person=person, report_id=report.pk, whom=whom, why=Conflicted.INVOLVED, reason="She said so.")


def step_aside(person: Person, report: Report) -> None:
    stepping_aside.step_aside(person=person, report_id=report.pk, reason="We are friends.")


@pytest.fixture
def supervisor() -> Person:
    person = standards_officer(last_name="Supervisor")
    person.posts.clear()
    return person


def with_the_desk(reporter: Person) -> Report:
    return send(reporter, skip_line=True, confidential=True)


@AT_DESK
def test_excluding_one_of_two_at_a_desk_tells_nobody_that_the_other_sent_it(
    one: Person, other: Person, supervisor: Person, at_desk: bool
) -> None:
    report = with_the_desk(one if at_desk else a_line()[0])
    with pytest.raises(CannotExclude, match="Nobody else at the professional standards desk can take this"):
        exclude(supervisor, report, other)
    assert not Conflict.objects.exists()
    standards_officer()
    exclude(supervisor, report, other)


@AT_DESK
def test_stepping_aside_from_a_desk_of_two_tells_nobody_that_the_other_sent_it(one: Person, other: Person, at_desk: bool) -> None:
    report = with_the_desk(one if at_desk else a_line()[0])
    with pytest.raises(NobodyElse, match="Nobody else at the professional standards desk can take this"):
        step_aside(other, report)
    standards_officer()
    step_aside(other, report)


def test_a_reporter_who_was_excluded_counts_as_excluded_like_anybody(one: Person, other: Person, supervisor: Person) -> None:
    third, fourth, innocent = standards_officer(), standards_officer(), PersonFactory()
    for reporter in (third, innocent):
        report = with_the_desk(reporter)
        exclude(supervisor, report, third)
        exclude(supervisor, report, fourth)
        with pytest.raises(CannotExclude, match="Nobody else at"):
            exclude(supervisor, report, other)


def test_who_excludes_and_stays_at_the_desk_is_not_the_reporter(one: Person, other: Person, supervisor: Person) -> None:
    report = with_the_desk(a_line()[0])
    exclude(one, report, other)
    assert Exclusion.objects.get(report=report, person=other).why == Excluded.FOUND


def test_nobody_makes_themselves_the_only_one_in_professional_standards_who_knows(one: Person, other: Person) -> None:
    """They would hold the duty with the desk, and nobody would see that it stays there or undo what they did."""
    third = standards_officer()
    for report in (send(a_line()[0], skip_line=True), send(a_line()[0])):
        exclude(one, report, third)
        with pytest.raises(CannotExclude, match="Nobody but you in professional standards would know of this report then"):
            exclude(one, report, other)
        exclude(one, report, PersonFactory())  # who is not of them leaves nobody alone
    added = standards_officer()
    exclude(one, report, other)
    assert Report.objects.all().overseen_by(added).filter(pk=report.pk).exists()
