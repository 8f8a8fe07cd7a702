from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def in_role(*roles: Role) -> Person:
    person: Person = PersonFactory()
    person.groups.set([Group.objects.get_or_create(name=role)[0] for role in roles])
    return person


def test_people_are_found_by_any_of_their_roles_each_once() -> None:
    both, keeper, auditor = in_role(Role.STORES, Role.AUDITOR), in_role(Role.STORES), in_role(Role.AUDITOR)
    in_role()
    people = Person.objects.order_by("pk")
    assert set(people.with_role(Role.STORES)) == {both, keeper}
    found = list(people.with_role(Role.STORES, Role.AUDITOR))
    assert (len(found), set(found)) == (3, {both, keeper, auditor})


def test_a_role_is_asked_for_together_with_anything_else() -> None:
    keeper, plain = in_role(Role.STORES), in_role()
    people = Person.objects.active()
    assert set(people.with_role(Role.STORES) | people.filter(pk=plain.pk)) == {keeper, plain}
    assert not people.with_role(Role.STORES).exclude(pk=keeper.pk).exists()
