"""Who is away now, and who stands in for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from portal.people.models import Person
from portal.postgres.base import rows

AWAY = """
SELECT person_id, deputy_id FROM people_absence
WHERE person_id = ANY(%(people)s) AND starts_at <= %(at)s AND ends_at > %(at)s ORDER BY ends_at DESC
"""


def deputies_at(people: Iterable[Person], at: datetime) -> dict[uuid.UUID, Person | None]:
    """For each of `people` who is away at `at`: their deputy, or None where nobody was named. People at work are not in the answer."""
    away = rows(AWAY, {"people": [person.pk for person in people], "at": at})
    deputies = Person.objects.select_related("unit").in_bulk({deputy for _, deputy in away if deputy}) if away else {}
    return {person: deputies.get(deputy) for person, deputy in away}
