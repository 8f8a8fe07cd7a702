"""The line of command: a person's managers, from the nearest up."""

from __future__ import annotations

import uuid

from portal.people.models import Person

LONGEST = 20  # more levels than any force has; also where a loop written past the import's check would stop

MANAGERS = """
WITH RECURSIVE line (id, step) AS (
    SELECT line_manager_id, 1 FROM people_person WHERE id = %(person)s AND line_manager_id IS NOT NULL
    UNION ALL
    SELECT person.line_manager_id, line.step + 1 FROM line JOIN people_person AS person ON person.id = line.id
    WHERE person.line_manager_id IS NOT NULL AND line.step < %(longest)s
)
SELECT person.*, line.step FROM line JOIN people_person AS person ON person.id = line.id ORDER BY line.step
"""


def line_of_command(person_id: uuid.UUID) -> list[Person]:
    """Managers of a person, the nearest first, each once, leavers left in for the caller to skip with a reason."""
    met: dict[uuid.UUID, Person] = {}
    for manager in Person.objects.raw(MANAGERS, {"person": person_id, "longest": LONGEST}).prefetch_related("unit"):
        met.setdefault(manager.pk, manager)
    met.pop(person_id, None)
    return list(met.values())
