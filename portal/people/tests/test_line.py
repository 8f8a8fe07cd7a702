from __future__ import annotations

import pytest

from portal.people.line import line_of_command, lines_of_command
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, line

pytestmark = pytest.mark.django_db


def everybody() -> list[Person]:
    return list(Person.objects.all())


def test_lines_of_many_are_the_lines_of_each() -> None:
    constable, sergeant, *_ = line(10, 20, 30, 40)
    PersonFactory(line_manager=sergeant)
    PersonFactory()
    line(10, 30)
    assert len(lines_of_command([constable.pk, sergeant.pk])[constable.pk]) == 3
    assert lines_of_command([one.pk for one in everybody()]) == {one.pk: line_of_command(one.pk) for one in everybody()}


def test_a_loop_ends_and_nobody_is_in_their_own_line() -> None:
    constable, sergeant, inspector = line(10, 20, 30)
    Person.objects.filter(pk=inspector.pk).update(line_manager=sergeant)
    found = lines_of_command([constable.pk, sergeant.pk, inspector.pk])
    assert found == {one.pk: line_of_command(one.pk) for one in everybody()}
    assert [found[inspector.pk], found[constable.pk]] == [[sergeant], [sergeant, inspector]]


def test_people_without_a_manager_have_an_empty_line() -> None:
    one, other = PersonFactory(), PersonFactory()
    assert lines_of_command([one.pk, other.pk]) == {one.pk: [], other.pk: []}
    assert lines_of_command([]) == {}
