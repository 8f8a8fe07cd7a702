"""Who is at a post, and who of them is told of what it holds."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from portal.people import rota
from portal.people.models import Person, Post


def staff_of(post: Post | None) -> list[Person]:
    """Everyone at a post: each may open what it holds, and act. Who of them is told of it is for `on_duty`."""
    return list(post.members.filter(is_active=True).order_by("pk")) if post else []


def others(post: Post | None, person: Person, excluded: AbstractSet[uuid.UUID]) -> list[Person]:
    """Who of a post may take what it holds beside this person."""
    return [member for member in staff_of(post) if member != person and member.pk not in excluded]


def on_duty(
    post: Post | None, staff: Sequence[Person], excluded: AbstractSet[uuid.UUID], at: datetime, *, confidential: bool = False
) -> list[Person]:
    """Who of a post's `staff` is told at `at`: those on its rota then who may know, or where there is none of them, all who may.

    `confidential`: it is about a report whose reporter's name is kept back. Then all who may are told: that those off duty are would say
    that whoever is on duty is kept from it, and who of them is not excluded sent it.

    That the rota has nobody is told by `people.rota_watch`, by the hour and never for a report: an alert that came with a report whose
    excluded member is on duty would tell of the exclusion.
    """
    free = [person for person in staff if person.pk not in excluded]
    now_there = rota.on_duty(post.pk, at) if post and not confidential else frozenset[uuid.UUID]()
    return [person for person in free if person.pk in now_there] or free
