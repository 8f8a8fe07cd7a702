"""Whoever is away, or will be, is told that the deputy they named has left the force: until they name another, duties go past both."""

from __future__ import annotations

import uuid
from collections.abc import Set as AbstractSet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Absence
from portal.people.moving import Departure
from portal.record.appending import now
from portal.ui import words


def tell(people: AbstractSet[uuid.UUID], why: Departure) -> None:
    """Tell those whose deputy is among `people`. A deputy who changes units stands in as before. For `moving.register`."""
    if why != Departure.LEFT:
        return
    named = Absence.objects.filter(deputy__in=people, ends_at__gt=now(), person__is_active=True).exclude(person__in=people)
    put_all([_notice(absence) for absence in named.select_related("person", "deputy")])


def _notice(absence: Absence) -> Notice:
    deputy = absence.deputy.name if absence.deputy else "Your deputy"
    return Notice(
        to=absence.person,
        kind="absence.deputy_left",
        subject="Name another deputy",
        body=(
            f"{deputy}, who stands in for you from {words.moment(absence.starts_at)} to {words.moment(absence.ends_at)}, has left. "
            "Until you name somebody else, duties go past you to the next above."
        ),
        link="/absence/",
        dedupe=f"deputy-left:{absence.pk}:{absence.deputy_id}",
    )
