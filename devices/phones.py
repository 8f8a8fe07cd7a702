"""The telephone numbers that somebody is known by: those of the handsets they hold or held."""

from __future__ import annotations

from collections.abc import Iterable

from devices.models import Handset
from portal.people.models import Person


def phones_of(person: Person) -> Iterable[str]:
    return Handset.objects.filter(custodies__holder=person).exclude(phone_number="").values_list("phone_number", flat=True).distinct()
