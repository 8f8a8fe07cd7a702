"""People to test with."""

from __future__ import annotations

import itertools

import factory

from portal.people.models import Kind, Person, Post, PostMember, Rank, Unit


class UnitFactory(factory.django.DjangoModelFactory[Unit]):
    class Meta:
        model = Unit
        django_get_or_create = ("code",)

    code = "CN"
    name = "Central North"


class PersonFactory(factory.django.DjangoModelFactory[Person]):
    class Meta:
        model = Person

    number = factory.Sequence(lambda n: str(600000 + n))  # beyond the numbers of the invented force, which some tests load too
    email = factory.LazyAttribute(lambda made: f"{made.number}@force.example".lower())
    first_name = factory.Iterator(["Ada", "Efua", "Siân", "Tariq"])
    last_name = factory.Iterator(["Okafor", "O’Brien", "Novak", "Griffiths"])
    kind = Kind.OFFICER
    rank = Rank.CONSTABLE
    unit = factory.SubFactory(UnitFactory)


def line(*ranks: int, **fields: object) -> list[Person]:
    """A line of command, given from the lowest rank up: `line(10, 20, 30)` is a constable, their sergeant and their inspector."""
    people: list[Person] = [PersonFactory.create(rank=rank, **fields) for rank in ranks]
    for below, above in itertools.pairwise(people):
        below.line_manager = above
        below.save(update_fields=["line_manager"])
    return people


def desk(*members: Person, code: str = "professional-standards") -> Post:
    """The post with this code, staffed by `members`."""
    post, _ = Post.objects.get_or_create(code=code, defaults={"name": "Professional standards desk"})
    for person in members:
        PostMember.objects.get_or_create(post=post, person=person)
    return post
