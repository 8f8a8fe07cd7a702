"""Receipts of acknowledgements, for whoever acknowledged."""

from __future__ import annotations

from collections.abc import Sequence

from guidance.models import Acknowledgement, Document
from portal.people.models import Person
from portal.receipts.kinds import Group, Offer
from portal.record.appending import person_actor
from portal.record.models import Fact

KIND = "guidance.acknowledged"


class Receipts:
    """What `portal.receipts` asks of this room."""

    kinds = frozenset({KIND})

    def count(self, person: Person) -> int:
        return Acknowledgement.objects.filter(person=person).count()

    def newest(self, person: Person, most: int) -> list[Group]:
        done = Acknowledgement.objects.filter(person=person).order_by("-at", "-pk")
        listed = done.values_list("version__document__slug", "version__document__title", "version__number", "at")[:most]
        return [
            Group(key=_key(slug, number), subject=chain(person), title=f"{title}, version {number}", href=f"/guidance/{slug}/", at=at)
            for slug, title, number, at in listed
        ]

    def offers(self, person: Person, facts: Sequence[Fact]) -> list[Offer]:
        mine = [fact for fact in facts if fact.subject == chain(person)]
        slugs = {fact.data["document"] for fact in mine}
        titles = dict(Document.objects.filter(slug__in=slugs).values_list("slug", "title")) if slugs else {}
        return [_offer(person, fact, titles.get(fact.data["document"], fact.data["document"])) for fact in mine]


def chain(person: Person) -> str:
    """The subject of everything this person acknowledged."""
    return f"reader:{person.pk}"


def acknowledgement_of(person: Person, slug: str, number: int) -> int | None:
    """The fact of this acknowledgement, for a link to its receipt."""
    facts = Fact.objects.for_subject(chain(person)).of_kind(KIND).only("facts")
    said = {"document": slug, "version": number}
    return next((fact.pk for fact in facts if said.items() <= fact.data.items()), None)


def _key(slug: str, number: int) -> str:
    return f"guidance:{slug}:{number}"


def _offer(person: Person, fact: Fact, title: str) -> Offer:
    slug, number = fact.data["document"], fact.data["version"]
    return Offer(
        fact=fact,
        title=f"You acknowledged {title}, version {number}",
        said="Guidance acknowledged",
        group=_key(slug, number),
        stem=f"guidance-acknowledged-{slug}-{number}",
        href=f"/guidance/{slug}/",
        names={person_actor(person): person.name_and_unit},
    )
