from __future__ import annotations

import pytest

from devices.tests.factories import allotted, take
from portal.people.marks import found_in
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    made: Person = PersonFactory(last_name="Quillfeather")
    return made


def test_the_number_of_a_handset_is_found_however_it_is_written(person: Person) -> None:
    take(person, allotted(person, phone_number="+447700900123"))
    assert found_in("Call me on 07700 900 123 tonight", person) == ["07700 900 123"]
    assert found_in("Call 07700 900 124 instead", person) == []
    assert found_in("07700 900 123", PersonFactory(last_name="Other")) == []
