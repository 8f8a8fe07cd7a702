"""The line of command: a person's managers, from the nearest up."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

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
# Everyone from these people up, each once with their manager: many share the managers near the top.
ABOVE = """
WITH RECURSIVE above (id, manager) AS (
    SELECT id, line_manager_id FROM people_person WHERE id = ANY(%s)
    UNION
    SELECT person.id, person.line_manager_id FROM above JOIN people_person AS person ON person.id = above.manager
)
SELECT id, manager FROM above
"""
PEOPLE = f"SELECT {COLUMNS} FROM {WITH_UNIT} WHERE person.id = ANY(%s)"  # noqa: S608 - names of columns


def line_of_command(person_id: uuid.UUID) -> list[Person]:
    """Managers of a person, the nearest first, each once, leavers left in for the caller to skip with a reason."""
    found = people_of(rows(LINE, {"people": [person_id], "longest": LONGEST}))
    return list({manager.pk: manager for manager in found if manager.pk != person_id}.values())


def lines_of_command(people: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Person]]:
    """As `line_of_command`, for many people in two queries; for one in one. People of one manager may share a list: leave it as it is."""
    if len(people) == 1:
        return {person: line_of_command(person) for person in people}
    manager_of: dict[uuid.UUID, uuid.UUID | None] = dict(rows(ABOVE, [list(people)]))
    managers = {person.pk: person for person in people_of(rows(PEOPLE, [list(set(manager_of.values()) - {None})]))} if manager_of else {}
    lines: dict[uuid.UUID | None, dict[uuid.UUID, Person]] = {None: {}}
    for manager in {manager_of.get(person) for person in people} - {None}:
        lines[manager] = {above: managers[above] for above in _up(manager, manager_of)}
    listed = {manager: list(line.values()) for manager, line in lines.items()}
    return {
        person: [above for key, above in lines[manager].items() if key != person] if person in lines[manager] else listed[manager]
        for person, manager in ((person, manager_of.get(person)) for person in people)
    }


def _up(manager: uuid.UUID | None, manager_of: Mapping[uuid.UUID, uuid.UUID | None]) -> list[uuid.UUID]:
    """A manager and everyone above them, each once, even where a loop was written past the import's check."""
    found: dict[uuid.UUID, None] = {}
    while manager is not None and manager not in found and len(found) < LONGEST:
        found[manager] = None
        manager = manager_of[manager]
    return list(found)
