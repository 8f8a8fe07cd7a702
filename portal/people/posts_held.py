"""What people hold by being who they are: roles, posts, units they lead, people they manage. Told when they leave."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db.models import Count, Q
from django.urls import reverse

from portal.people.leaving import Holding
from portal.people.models import Person, PostMember, Unit


def describe(people: set[uuid.UUID]) -> Iterator[Holding]:
    """Each role, post and unit the leavers hold, and how many people are left under them."""
    for person_id, role in Person.groups.through.objects.filter(person__in=people).values_list("person_id", "group__name"):
        yield Holding(person_id=person_id, what=f"Role: {role}", link=_page("person", person_id))
    for member in PostMember.objects.filter(person__in=people).select_related("post"):
        yield Holding(person_id=member.person_id, what=f"Post: {member.post.name}", link=_page("post", member.post_id))
    for unit in Unit.objects.filter(led_by__in=people).select_related("led_by"):
        if unit.led_by is not None:
            yield Holding(person_id=unit.led_by.pk, what=f"Leads {unit}", link=_page("unit", unit.pk))
    yield from _teams(people)


def _teams(people: set[uuid.UUID]) -> Iterator[Holding]:
    left_behind = Q(manages__is_active=True) & ~Q(manages__in=people)
    for manager in Person.objects.filter(pk__in=people).annotate(team=Count("manages", filter=left_behind)).filter(team__gt=0):
        yield Holding(person_id=manager.pk, what=f"Line manager of {manager.team}", link=_page("person", manager.pk))


def _page(model: str, key: object) -> str:
    return reverse(f"admin:people_{model}_change", args=[key])
