"""When one of two leaves the force, whoever is away or their deputy, the other is told.

Without a deputy, duties go past both until another is named. A deputy of somebody who left stands in for nobody.
"""

from __future__ import annotations

import uuid
from collections.abc import Set as AbstractSet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Absence, Person
from portal.people.moving import Departure
from portal.record.appending import now
from portal.ui import words


def tell(people: AbstractSet[uuid.UUID], why: Departure) -> None:
    """Tell those whose deputy is among `people`, and the deputies of `people`. Who changes units stands in, or is stood in for, as before.

    For `moving.register`.
    """
    if why != Departure.LEFT:
        return
    to_come = Absence.objects.filter(ends_at__gt=now()).select_related("person__unit", "deputy")
    named = to_come.filter(deputy__in=people, person__is_active=True).exclude(person__in=people)
    stood_in = to_come.filter(person__in=people, deputy__is_active=True).exclude(deputy__in=people)
    put_all([*map(_notice, named), *(_told_deputy(absence, absence.deputy) for absence in stood_in if absence.deputy)])


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


def _told_deputy(absence: Absence, deputy: Person) -> Notice:
    name = absence.person.name_and_unit
    return Notice(
        to=deputy,
        kind="absence.deputy",
        subject=f"You no longer stand in for {name}",
        body=f"{name} has left. Duties that you hold stay with you, and no more come to you in their place.",
        link="/duties/",
        dedupe=f"stood-in:{absence.pk}:{deputy.pk}",
    )
