"""Handsets to test with."""

from __future__ import annotations

from typing import Any

import factory

from devices.claiming import claim
from devices.models import Custody, Handset, State, Terms
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory


def imei(number: int) -> str:
    """A valid IMEI whose first digits are 35 and whose serial part is `number` (up to twelve digits)."""
    body = f"35{number:012d}"
    total = sum(sum(divmod(int(digit) * (1 + place % 2), 10)) for place, digit in enumerate(body))
    return body + str(-total % 10)


class HandsetFactory(factory.django.DjangoModelFactory[Handset]):
    class Meta:
        model = Handset

    asset_tag = factory.Sequence(lambda n: f"MPS-{n:06d}")
    imei = factory.Sequence(imei)
    serial = factory.Sequence(lambda n: f"R5{n:09d}")
    model = "Samsung Galaxy A35"
    state = State.IN_STOCK


def allotted(to: Person, **fields: Any) -> Handset:
    return HandsetFactory(state=State.ALLOTTED, allotted_to=to, **fields)


def take(holder: Person, handset: Handset | None = None) -> Custody:
    """`holder` claims `handset`, or a new one, through the verb."""
    handset = handset or allotted(holder)
    return claim(holder=holder, asset_tag=handset.asset_tag, last_four=handset.imei[-4:], terms_id=Terms.objects.latest("id").pk)


def stores(**fields: Any) -> Person:
    """Somebody who works in stores."""
    return with_role(Role.STORES, **fields)


def with_role(role: Role, **fields: Any) -> Person:
    from django.contrib.auth.models import Group

    person = PersonFactory(**fields)
    person.groups.add(Group.objects.get_or_create(name=role.value)[0])
    return person
