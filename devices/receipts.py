"""Receipts about handsets: for whoever held one, of claiming, handing back, losing and finding it."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Max

from devices.models import Custody
from portal.people.models import Person
from portal.receipts.kinds import Group, Offer
from portal.record.appending import person_actor
from portal.record.models import Fact

TITLES = {
    "handset.claimed": "You claimed handset {}",
    "handset.return_started": "You said that you are handing back handset {}",
    "handset.return_called_off": "You called off the return of handset {}",
    "handset.returned": "Stores have handset {} from you",
    "handset.lost": "You reported handset {} lost",
    "handset.stolen": "You reported handset {} stolen",
    "handset.found": "You found handset {} again",
}
SAID = {
    "handset.claimed": "Handset claimed",
    "handset.return_started": "Return started",
    "handset.return_called_off": "Return called off",
    "handset.returned": "Handset returned",
    "handset.lost": "Handset lost",
    "handset.stolen": "Handset stolen",
    "handset.found": "Handset found",
}


class Receipts:
    """What `portal.receipts` asks of this room."""

    kinds = frozenset(TITLES)

    def count(self, person: Person) -> int:
        return Custody.objects.filter(holder=person).values("handset").distinct().count()

    def newest(self, person: Person, most: int) -> list[Group]:
        held = Custody.objects.filter(holder=person).values("handset").annotate(at=Max("claimed_at")).order_by("-at")
        listed = held.values_list("handset", "handset__asset_tag", "at")[:most]
        return [
            Group(key=f"handset:{key}", subject=f"handset:{key}", title=f"Handset {tag}", href="/handset/", at=at)
            for key, tag, at in listed
        ]

    def offers(self, person: Person, facts: Sequence[Fact]) -> list[Offer]:
        named = {key for fact in facts if (key := fact.data.get("custody")) is not None}
        held = Custody.objects.filter(holder=person, pk__in=named).select_related("handset")
        custodies = {custody.pk: custody for custody in held}
        mine = [(fact, custodies[fact.data["custody"]]) for fact in facts if fact.data.get("custody") in custodies]
        return [_offer(person, fact, custody.handset.asset_tag) for fact, custody in mine if fact.subject == custody.handset.subject]


def claim_of(custody: Custody) -> int | None:
    """The fact of the claim that this custody began with, for a link to its receipt; None for one that began otherwise."""
    claims = Fact.objects.for_subject(f"handset:{custody.handset_id}").of_kind("handset.claimed", "handset.found")
    return next((fact.pk for fact in claims.order_by("-subject_seq") if fact.data["custody"] == custody.pk), None)


def _offer(person: Person, fact: Fact, asset_tag: str) -> Offer:
    actor = person_actor(person)
    return Offer(
        fact=fact,
        title=TITLES[fact.kind].format(asset_tag),
        said=SAID[fact.kind],
        group=fact.subject,
        stem=f"{fact.kind.replace('.', '-').replace('_', '-')}-{asset_tag}",
        href="/handset/",
        names={actor: person.name_and_unit} if fact.actor == actor else {},
    )
