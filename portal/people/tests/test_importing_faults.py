"""Each thing that can be wrong with a directory file is named by line and column, and nothing changes."""

from __future__ import annotations

import io

import pytest

from portal.imports.outcome import ImportStopped
from portal.people.directory import COLUMNS
from portal.people.importing import import_directory, rings
from portal.people.line import LONGEST
from portal.people.models import Person
from portal.people.tests.directory_files import CHIEF, CLERK, CONSTABLE, FORCE, SERGEANT, load, problems
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("column", "value", "says"),
    [
        ("warrant_number", "", "Enter the warrant number"),
        ("warrant_number", "1.8E+05", "1 to 12 letters and digits"),
        ("warrant_number", "1234567890123", "1 to 12 letters and digits"),
        ("warrant_number", "100", "already on line 2"),
        ("kind", "robot", "Use one of: officer, special, pcso, staff."),
        ("kind", "", "Use one of"),
        ("kind", "staff", "have no rank"),
        ("rank", "Sargent", "This rank is not known. Use one of: Constable, Sergeant"),
        ("rank", "", "Enter the rank"),
        ("rank", "no rank", "Enter the rank"),
        ("first_name", "", "Enter the first name."),
        ("first_name", "A" * 81, "Shorten the first name to 80 characters."),
        ("last_name", "", "Enter the last name."),
        ("last_name", "B" * 81, "Shorten the last name to 80 characters."),
        ("email", "", "Enter the email address."),
        ("email", "not an address", "This is not an email address."),
        ("email", "a@b", "This is not an email address."),
        ("email", "zoë@force.example", "This is not an email address."),
        ("email", "a" * 250 + "@force.example", "This is not an email address."),
        ("email", "P100@Force.Example", "already on line 2"),
        ("unit_code", "", "Enter the unit code."),
        ("unit_code", "XX", "This unit is not known."),
        ("line_manager_warrant_number", "999999", "This line manager is not in the file."),
        ("line_manager_warrant_number", "300", "their own line manager"),
        ("active", "maybe", "Enter yes or no."),
        ("active", "", "Enter yes or no."),
    ],
)
def test_a_wrong_cell_is_named_and_nothing_changes(column: str, value: str, says: str) -> None:
    outcome = load(CHIEF, SERGEANT, CONSTABLE | {"email": "p300@force.example", column: value}, CLERK)
    ((line, named, problem),) = problems(outcome)
    assert (line, says in problem) == (4, True)
    assert named == ("rank" if value == "staff" else column)
    assert not outcome.applied
    assert not Person.objects.exists()
    assert not Fact.objects.exists()


def test_every_fault_of_a_row_is_named() -> None:
    outcome = load(CHIEF | {"email": "", "unit_code": "XX", "active": "?"})
    assert [column for _, column, _ in problems(outcome)] == ["active", "email", "unit_code"]


def test_a_line_that_cannot_be_read_is_named() -> None:
    lines = [",".join(COLUMNS).encode(), b"100,officer,Constable", b"200,officer,Constable,Si\xe2n,Reid,s@force.example,CN,,yes"]
    outcome = import_directory(file=io.BytesIO(b"\n".join(lines)))
    assert [(line, column) for line, column, _ in problems(outcome)] == [(2, "first_name"), (3, "first_name")]
    assert "not UTF-8" in problems(outcome)[1][2]


def test_an_address_held_by_somebody_not_in_the_file_is_named_with_their_number() -> None:
    PersonFactory(number="900", email="p300@force.example")
    ((line, column, problem),) = problems(load(*FORCE))
    assert (line, column) == (4, "email")
    assert "belongs to 900" in problem


def test_each_member_of_a_loop_is_named_and_nobody_below_it() -> None:
    outcome = load(CHIEF | {"line_manager_warrant_number": "200"}, SERGEANT, CONSTABLE, CLERK)
    assert [(line, column) for line, column, _ in problems(outcome)] == [
        (2, "line_manager_warrant_number"),
        (3, "line_manager_warrant_number"),
    ]
    assert "The line of command goes round: 100 → 200 → 100." in problems(outcome)[0][2]


def test_a_line_of_command_too_deep_to_climb_is_named() -> None:
    people = [
        CONSTABLE | {"warrant_number": str(1000 + level), "line_manager_warrant_number": str(999 + level) if level else ""}
        for level in range(LONGEST + 2)
    ]
    ((line, _, problem),) = problems(load(*people))
    assert line == LONGEST + 3
    assert "more than 20 managers" in problem


def test_loops_are_found_once_each_whatever_hangs_below_them() -> None:
    managers = {"a": "b", "b": "c", "c": "a", "d": "a", "e": "d", "f": "g", "g": "f", "h": "nobody"}
    assert list(rings(managers)) == [["a", "b", "c"], ["f", "g"]]


@pytest.mark.parametrize(("content", "says"), [(b"", "empty"), (b"PK\x03\x04", "Excel"), (",".join(COLUMNS).encode(), "nobody under it")])
def test_a_file_without_people_is_refused_whole(content: bytes, says: str) -> None:
    PersonFactory()
    with pytest.raises(ImportStopped, match=says):
        import_directory(file=io.BytesIO(content))
    assert Person.objects.active().count() == 1


@pytest.mark.parametrize("rank", ["=cmd()", "-1", "\uff1dcmd()", "\uff0b1"])
def test_a_value_that_a_spreadsheet_would_run_is_disarmed_in_the_report(rank: str) -> None:
    report = io.BytesIO()
    load(CHIEF | {"rank": rank}, report=report)
    assert f"2,rank,'{rank}," in report.getvalue().decode()


def test_the_report_lists_every_fault_and_disarms_formulas() -> None:
    report = io.BytesIO()
    load(CHIEF | {"rank": "=cmd()", "active": "?"}, report=report)
    head, *lines = report.getvalue().decode().splitlines()
    assert head == "line,column,value,problem,kind"
    assert lines[0] == "2,active,?,Enter yes or no.,fault"
    assert lines[1].startswith("2,rank,'=cmd(),This rank is not known.") or lines[1].startswith("2,rank,'=cmd(),\"This rank is not known.")
