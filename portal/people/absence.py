"""Who is away now, and who stands in for them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from portal.people.models import Absence, Kind, Person, Rank
from portal.postgres.base import rows

AWAY = """
SELECT person_id, deputy_id FROM people_absence
WHERE person_id = ANY(%(people)s) AND starts_at <= %(at)s AND ends_at > %(at)s ORDER BY ends_at DESC
"""


def deputies_at(people: Iterable[Person], at: datetime) -> dict[uuid.UUID, Person | None]:
    """For each of `people` who is away at `at`: their deputy, or None where nobody was named. People at work are not in the answer."""
    away = rows(AWAY, {"people": [person.id for person in people], "at": at})
    deputies = Person.objects.select_related("unit").in_bulk({deputy for _, deputy in away if deputy}) if away else {}
    return {person: deputies.get(deputy) for person, deputy in away}


def overlapping(person: Person, starts_at: datetime, ends_at: datetime, *, but: Absence | None = None) -> Absence | None:
    """The first absence of this person that touches the stretch, apart from `but`."""
    found = Absence.objects.of(person).touching(starts_at, ends_at)
    return (found.exclude(pk=but.pk) if but else found).first()


def away_now(person: Person, at: datetime) -> Absence | None:
    """The absence this person is in at `at`, with its deputy."""
    return Absence.objects.filter(person=person, starts_at__lte=at, ends_at__gt=at).select_related("deputy").order_by("-ends_at").first()


def says_when_away(person: Person) -> bool:
    """Whether duties come to this person by their rank or because they manage people, so that it matters who stands in."""
    if person.rank >= Rank.INSPECTOR:
        return True
    return person.kind in (Kind.STAFF, Kind.PCSO) and person.manages.filter(is_active=True).exists()
