"""Whom a search finds, as a form offers them: the first few, and a word where there are more."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Self

from django.db.models import QuerySet

from portal.people.models import Person
from portal.ui.paging import Beginning

MOST = 10


class Found(Beginning[Person]):
    """People with their units, in the order of the search."""

    @classmethod
    def among(cls, people: QuerySet[Any]) -> Self:
        return cls.of(people.select_related("unit"), MOST)

    @property
    def hint(self) -> str:
        """What a form says over them; empty where everybody is shown."""
        if not self.is_cut:
            return ""
        return f"The first {len(self)} of {self.total:,} found. To find somebody else, search by first and last name or by number."


def as_choices(people: Iterable[Person]) -> list[tuple[str, str]]:
    """People as a form offers them, told apart by their numbers."""
    return [(str(person.pk), person.name_unit_and_number) for person in people]
