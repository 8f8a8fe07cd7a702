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
