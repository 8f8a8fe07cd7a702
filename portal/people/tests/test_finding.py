"""Whom a search finds, as a form offers them."""

from __future__ import annotations

import pytest

from portal.people.finding import Found
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


def test_more_than_are_shown_is_said_with_what_to_do() -> None:
    PersonFactory.create_batch(12, last_name="Okafor")
    found = Found.among(Person.objects.search("Okafor"))
    assert (len(found), found.total) == (10, 12)
    assert found.hint.startswith("The first 10 of 12 found. ")


def test_nothing_is_said_where_everybody_is_shown() -> None:
    PersonFactory.create_batch(10, last_name="Okafor")
    assert Found.among(Person.objects.search("Okafor")).hint == ""


@pytest.mark.parametrize("text", ["Okafor", "oka", "Ada Okafor", "okafor\u00a0ada", " Ada\tOkafor ", "zq1", "ZQ123"])
def test_somebody_is_found_by_each_word_of_their_name_or_the_beginning_of_their_number(text: str) -> None:
    person = PersonFactory(first_name="Ada", last_name="Okafor", number="ZQ123")
    assert list(Person.objects.search(text)) == [person]


@pytest.mark.parametrize("text", ["", " ", "Ada Nobody", "ZQ124", "Oka\0for", "\u202eOkafor", "o" * 81, "Okafor " * 12])
def test_nobody_is_found_by_what_is_no_name_or_number_of_theirs(text: str) -> None:
    PersonFactory(first_name="Ada", last_name="Okafor", number="ZQ123")
    assert not Person.objects.search(text).exists()
