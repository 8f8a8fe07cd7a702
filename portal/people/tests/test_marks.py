from __future__ import annotations

import pytest

from portal.people.marks import found_in
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person() -> Person:
    made: Person = PersonFactory(first_name="Siân", last_name="O’Brien", number="187654", unit=UnitFactory(code="CN", name="Central North"))
    return made


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("It was me, Sian O'Brien.", ["O’Brien", "Siân"]),
        ("PC 187654 here", ["187654"]),
        ("I work at CN, on nights", ["CN"]),
        ("Everybody in Central North saw it", ["Central North"]),
        ("Write to 187654@force.example", ["187654", "187654@force.example"]),
        ("The conclusion of the O’Briens, at 1876543, in cn", []),
        ("", []),
    ],
)
def test_names_numbers_and_units_are_found_as_whole_words(person: Person, text: str, found: list[str]) -> None:
    assert found_in(text, person) == found
