"""People out of hand-written statements: the columns to ask for, and the person and unit they make."""

from __future__ import annotations

from collections.abc import Iterable

from portal.people.models import Person, Unit
from portal.postgres.base import Row
from portal.postgres.making import made

PERSON = [field.attname for field in Person._meta.concrete_fields]
UNIT = [field.attname for field in Unit._meta.concrete_fields]
COLUMNS = ", ".join([*(f"person.{name}" for name in PERSON), *(f"unit.{name}" for name in UNIT)])
WITH_UNIT = "people_person AS person LEFT JOIN people_unit AS unit ON unit.id = person.unit_id"
WIDTH = len(PERSON) + len(UNIT)


def person_of(row: Row) -> Person:
    """The person in the first `WIDTH` columns of a row that was asked for as `COLUMNS`."""
    return people_of([row])[0]


def people_of(found: Iterable[Row]) -> list[Person]:
    """As `person_of`, for many; those of one unit share its object."""
    units: dict[int | None, Unit | None] = {None: None}
    people = []
    for row in found:
        values = dict(zip(PERSON, row, strict=False))
        unit = values["unit_id"]
        if unit not in units:
            units[unit] = made(Unit, dict(zip(UNIT, row[len(PERSON) : WIDTH], strict=True)))
        people.append(made(Person, values, {"unit": units[unit]}))
    return people
