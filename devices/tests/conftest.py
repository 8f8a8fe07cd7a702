from __future__ import annotations

from collections.abc import Callable

import pytest
from django.test import Client

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory


@pytest.fixture
def officer(db: None) -> Person:
    return PersonFactory(first_name="Ada", last_name="Okafor")


@pytest.fixture
def colleague(db: None) -> Person:
    return PersonFactory(first_name="Siân", last_name="Griffiths")


@pytest.fixture
def signed_in_as(client: Client) -> Callable[[Person], Client]:
    def sign_in(person: Person) -> Client:
        client.force_login(person)
        return client

    return sign_in
