"""The line of command: a person's managers, from the nearest up."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from portal.people.loading import COLUMNS_IN_LINE, IN_LINE, WITH_UNIT, people_of
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
SELECT {COLUMNS_IN_LINE} FROM line JOIN people_person AS person ON person.id = line.id
    LEFT JOIN people_unit AS unit ON unit.id = person.unit_id
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
PEOPLE = f"SELECT {COLUMNS_IN_LINE} FROM {WITH_UNIT} WHERE person.id = ANY(%s)"  # noqa: S608 - names of columns


def line_of_command(person_id: uuid.UUID) -> list[Person]:
    """Managers of a person, the nearest first, each once, leavers left in for the caller to skip with a reason."""
    found = people_of(rows(LINE, {"people": [person_id], "longest": LONGEST}), IN_LINE)
    return list({manager.id: manager for manager in found if manager.id != person_id}.values())


def lines_of_command(people: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Person]]:
    """As `line_of_command`, for many people in two queries; for one in one. People of one manager share a list: leave it as it is."""
    if len(people) == 1:
        return {person: line_of_command(person) for person in people}
    manager_of: dict[uuid.UUID, uuid.UUID | None] = dict(rows(ABOVE, [list(people)]))
    managers = list(set(manager_of.values()) - {None})
    found = people_of(rows(PEOPLE, [managers]), IN_LINE) if managers else []
    upward = _Upward(manager_of, {manager.id: manager for manager in found})
    return {person: upward.line(person) for person in people}


class _Upward:
    """Lines of command out of who manages whom, each walked once: whoever has the same manager has the same list."""

    def __init__(self, manager_of: Mapping[uuid.UUID, uuid.UUID | None], managers: Mapping[uuid.UUID, Person]) -> None:
        self._manager_of, self._managers = manager_of, managers
        self._known: dict[uuid.UUID | None, list[Person]] = {None: []}  # a manager, then everyone above them

    def line(self, person: uuid.UUID) -> list[Person]:
        manager = self._manager_of.get(person)
        if manager in self._known:
            return self._known[manager]
        way: list[uuid.UUID] = []
        above = manager
        while above not in self._known and above not in way and above is not None:
            way.append(above)
            above = self._manager_of[above]
        if above in way:  # a loop, written past the import's check: each once, and nobody in their own line
            return [self._managers[key] for key in way[:LONGEST] if key != person]
        line = self._known[above]
        for key in reversed(way):
            line = self._known[key] = [self._managers[key], *line[: LONGEST - 1]]
        return line
