"""The line of command: a person's managers, from the nearest up."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from portal.people.loading import COLUMNS, WITH_UNIT, people_of
from portal.people.models import Person
from portal.postgres.base import rows

LONGEST = 20  # more levels than any force has; also where a loop written past the import's check would stop

MANAGERS = """
WITH RECURSIVE line (below, id, step) AS (
    SELECT id, line_manager_id, 1 FROM people_person WHERE id = ANY(%(people)s) AND line_manager_id IS NOT NULL
    UNION ALL
    SELECT line.below, person.line_manager_id, line.step + 1 FROM line JOIN people_person AS person ON person.id = line.id
    WHERE person.line_manager_id IS NOT NULL AND line.step < %(longest)s
)
SELECT below, id FROM line ORDER BY step
"""
# One person's managers whole, in the same statement; for many people that would send a chief once for everybody under them.
LINE = f"""
{MANAGERS.partition("SELECT below, id FROM line")[0]}
SELECT {COLUMNS} FROM line JOIN people_person AS person ON person.id = line.id LEFT JOIN people_unit AS unit ON unit.id = person.unit_id
ORDER BY step
"""  # noqa: S608 - names of columns
PEOPLE = f"SELECT {COLUMNS} FROM {WITH_UNIT} WHERE person.id = ANY(%s)"  # noqa: S608 - names of columns


def line_of_command(person_id: uuid.UUID) -> list[Person]:
    """Managers of a person, the nearest first, each once, leavers left in for the caller to skip with a reason."""
    found = people_of(rows(LINE, {"people": [person_id], "longest": LONGEST}))
    return list({manager.pk: manager for manager in found if manager.pk != person_id}.values())


def lines_of_command(people: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Person]]:
    """As `line_of_command`, for many people in two queries; for one in one."""
    if len(people) == 1:
        return {person: line_of_command(person) for person in people}
    steps = rows(MANAGERS, {"people": list(people), "longest": LONGEST})
    managers = {person.pk: person for person in people_of(rows(PEOPLE, [list({above for _, above in steps})]))} if steps else {}
    lines: dict[uuid.UUID, dict[uuid.UUID, Person]] = {person: {} for person in people}
    for below, above in steps:
        if above != below:
            lines[below].setdefault(above, managers[above])
    return {below: list(line.values()) for below, line in lines.items()}
