"""Where a person can be reached, and the addresses that refused for good."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from portal.notices.channels.configured import ways
from portal.notices.models import Preference, Subscription, Unreachable, Way
from portal.notices.planning import Reach
from portal.people.models import Person

REST = timedelta(days=1)  # after so long an address that refused is tried again


def preference_of(person: Person) -> Preference:
    """Theirs, or what everybody has who chose nothing."""
    try:
        chosen: Preference = person.told_how
    except Preference.DoesNotExist:
        return Preference(person=person)
    return chosen


def reach_all(people: Collection[Person], at: datetime) -> dict[uuid.UUID, Reach]:
    """How each of them can be reached, with two queries for all."""
    keys = [person.pk for person in people]
    browsers = set(Subscription.objects.filter(person__in=keys).values_list("person", flat=True)) if Way.PUSH in ways() else set()
    refused: dict[uuid.UUID, list[Unreachable]] = {key: [] for key in keys}
    for one in Unreachable.objects.filter(person__in=keys):
        refused[one.person_id].append(one)
    return {person.pk: _reach(person, person.pk in browsers, refused[person.pk], at) for person in people}


def _reach(person: Person, has_browser: bool, refused: list[Unreachable], at: datetime) -> Reach:
    chosen = preference_of(person)
    addresses = {way: address for way in ways() if (address := address_of(person, chosen, way, has_browser))}
    resting = {Way(one.way) for one in refused if stands(one, addresses) and one.last_at > at - REST}
    wanted = {Way.SMTP: chosen.by_email, Way.NOTIFY_EMAIL: chosen.by_email, Way.NOTIFY_SMS: chosen.by_text, Way.PUSH: has_browser}
    return Reach(addresses, [way for way, yes in wanted.items() if yes], resting)


def address_of(person: Person, chosen: Preference, way: Way, has_browser: bool) -> str:
    """Empty where this channel cannot find them."""
    return {Way.NOTIFY_SMS: chosen.mobile, Way.PUSH: "a browser" if has_browser else ""}.get(way, person.email)


def stands(one: Unreachable, addresses: Mapping[Way, str]) -> bool:
    """Whether it is still about the person's address: a new one has refused nothing yet."""
    return addresses.get(Way(one.way)) == one.address


def refused_addresses(person: Person) -> list[Unreachable]:
    """What this person is shown: addresses of theirs that do not work."""
    found = list(Unreachable.objects.filter(person=person).order_by("way"))
    if not found:
        return []
    addresses = {way: address_of(person, preference_of(person), way, has_browser=True) for way in ways()}
    return [one for one in found if stands(one, addresses)]


def mark(*, person_id: uuid.UUID, way: Way, address: str, why: str, at: datetime) -> None:
    """An address refused for good, at `at`. The first time since it worked last is kept."""
    known = Unreachable.objects.filter(person=person_id, way=way, address=address)
    if not known.update(why=why, last_at=at):
        fresh = {"address": address, "why": why, "since": at, "last_at": at}
        Unreachable.objects.update_or_create(person_id=person_id, way=way, defaults=fresh)


def works(*, person_id: uuid.UUID, way: Way) -> None:
    """The address took something again."""
    Unreachable.objects.filter(person=person_id, way=way).delete()


def try_again(*, person_id: uuid.UUID) -> None:
    """Somebody put it right: let go of what is known against their addresses."""
    Unreachable.objects.filter(person=person_id).delete()
