"""People out of hand-written statements: the columns to ask for, and the person and unit they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from portal.people.models import Person, Unit
from portal.postgres.base import Row
from portal.postgres.making import made

PERSON = [field.attname for field in Person._meta.concrete_fields]
UNIT = [field.attname for field in Unit._meta.concrete_fields]
COLUMNS = ", ".join([*(f"person.{name}" for name in PERSON), *(f"unit.{name}" for name in UNIT)])
# What a line of command is read for. The rest of a manager, such as when they last signed in, is read where it is asked for.
IN_LINE = ["id", "email", "number", "kind", "rank", "first_name", "last_name", "job_title", "unit_id", "line_manager_id", "is_active"]
COLUMNS_IN_LINE = ", ".join([*(f"person.{name}" for name in IN_LINE), *(f"unit.{name}" for name in UNIT)])
WITH_UNIT = "people_person AS person LEFT JOIN people_unit AS unit ON unit.id = person.unit_id"
WIDTH = len(PERSON) + len(UNIT)


def person_of(row: Row) -> Person:
    """The person in the first `WIDTH` columns of a row that was asked for as `COLUMNS`."""
    return people_of([row])[0]


def people_of(found: Iterable[Row], columns: Sequence[str] = PERSON) -> list[Person]:
    """As `person_of`, for many, of whom `columns` were asked for; those of one unit share its object."""
    units: dict[int | None, Unit | None] = {None: None}
    people, width = [], len(columns)
    for row in found:
        values = dict(zip(columns, row, strict=False))
        unit = values["unit_id"]
        if unit not in units:
            units[unit] = made(Unit, dict(zip(UNIT, row[width:], strict=False)))
        people.append(made(Person, values, {"unit": units[unit]}))
    return people
