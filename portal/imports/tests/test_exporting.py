from __future__ import annotations

import csv
from datetime import UTC, datetime

import pytest

from portal.imports.exporting import csv_lines, spelled
from portal.people.models import Unit
from portal.people.tests.factories import UnitFactory


@pytest.mark.parametrize("text", ["=1+1", "+44", "-1", "@cmd", "\tx", "\n=1", "\uff1d1+1", "\uff20cmd"])
def test_a_text_that_a_spreadsheet_would_run_is_disarmed(text: str) -> None:
    assert spelled(text) == f"'{text}"


def test_times_are_shown_as_in_london() -> None:
    assert spelled(datetime(2026, 7, 1, 12, 0, tzinfo=UTC)) == "2026-07-01 13:00"


def test_nothing_is_an_empty_cell() -> None:
    assert spelled(None) == ""


@pytest.mark.django_db
def test_each_object_is_a_line_under_the_headings() -> None:
    UnitFactory(code="ZZ", name='Marine, and "port"')
    lines = list(csv_lines({"code": "code", "length": lambda unit: len(unit.name)}, Unit.objects.filter(code="ZZ")))
    assert list(csv.reader(lines)) == [["code", "length"], ["ZZ", "18"]]
