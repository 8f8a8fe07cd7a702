"""The rows of the duty list are those, and in the order, that `held_by` says; exclusions and units kept back included."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext

from portal.people.models import Person
from portal.people.tests.factories import UnitFactory, desk
from reporting.choices import Excluded
from reporting.held import HeldBy
from reporting.models import Duty, Exclusion, Report
from reporting.tests.making import a_line, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def holder() -> Person:
    """An inspector with five duties, the last to come the most urgent, and one more at their desk."""
    constable, _, inspector, *_ = a_line()
    for hours in range(5):
        held = send(constable).duties.get()
        Duty.objects.filter(pk=held.pk).update(holder=inspector, next_due_at=F("next_due_at") - timedelta(hours=hours))
    post = desk(inspector)
    Duty.objects.filter(pk=send(constable).duties.get().pk).update(holder=None, post=post)
    return inspector


def references(person: Person) -> list[str]:
    return [held.reference for held in HeldBy(person)[0:100]]


def test_the_rows_are_the_duties_held_the_most_urgent_first(holder: Person) -> None:
    expected = Duty.objects.all().held_by(holder).most_urgent_first().values_list("report__reference", flat=True)
    assert references(holder) == list(expected)
    assert len(references(holder)) == HeldBy(holder).count() == 6


def test_a_slice_of_the_rows_is_that_slice(holder: Person) -> None:
    assert [held.reference for held in HeldBy(holder)[2:4]] == references(holder)[2:4]


def test_a_report_somebody_is_excluded_from_is_no_row_of_theirs(holder: Person) -> None:
    hidden = references(holder)[0]
    Exclusion.objects.create(report=Report.objects.get(reference=hidden), person=holder, why=Excluded.NAMED)
    assert hidden not in references(holder)
    assert len(references(holder)) == HeldBy(holder).count() == 5


def test_a_unit_kept_back_is_not_read(holder: Person) -> None:
    kept, told = references(holder)[:2]
    unit = UnitFactory(code="ZQ", name="Zebra")
    Report.objects.filter(reference=kept).update(unit=unit, confidential=True)
    Report.objects.filter(reference=told).update(unit=unit, confidential=False)
    units = {held.reference: held.unit for held in HeldBy(holder)[0:100]}
    assert (units[kept], units[told]) == ("", "ZQ Zebra")


def test_an_ended_duty_is_no_row(holder: Person) -> None:
    ended = Duty.objects.get(report__reference=references(holder)[0])
    Duty.objects.filter(pk=ended.pk).update(state="passed", next_due_at=None, ended_at=F("from_at"))
    assert ended.report.reference not in references(holder)


def test_a_page_of_rows_is_one_query(holder: Person) -> None:
    with CaptureQueriesContext(connection) as seen:
        references(holder)
    assert len(seen) == 1
