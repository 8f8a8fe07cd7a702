"""When an administrator opens a way to every report, professional standards hear of it."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group
from django.db import transaction

from portal.notices.models import Outbox
from portal.people.changing import person_changed
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def in_standards(**fields: object) -> Person:
    person: Person = PersonFactory.create(**fields)
    person.groups.add(Group.objects.get(name=Role.PROFESSIONAL_STANDARDS))
    return person


def changed(person: Person, *fields: str, added: bool = False) -> list[Person]:
    """Who is told when an administrator changed these fields."""
    with transaction.atomic():
        person_changed(by=PersonFactory.create(), person=person, fields=fields, added=added)
    return [notice.to for notice in Outbox.objects.filter(kind="access.changed")]


@pytest.mark.parametrize("field", ["groups", "email", "is_active"])
def test_standards_are_told_of_a_new_colleague_and_of_a_changed_address(field: str) -> None:
    other = in_standards()
    in_standards(is_active=False)
    assert changed(in_standards(), field) == [other]


def test_standards_are_told_of_somebody_added_as_one_of_them() -> None:
    other = in_standards()
    assert changed(in_standards(), added=True) == [other]


def test_a_change_that_opens_no_report_tells_nobody() -> None:
    other = in_standards()
    assert changed(other, "job_title") == []
    assert changed(PersonFactory.create(), "groups", "email") == []


def test_every_change_is_told_once_each() -> None:
    other, person = in_standards(), in_standards()
    changed(person, "email")
    assert changed(person, "email") == [other, other]
