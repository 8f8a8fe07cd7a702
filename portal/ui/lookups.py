"""Which questions an admin list answers when they are put in its address.

Django lets an address filter by every field of a model and by everything that points at it. `?reports__isnull=False` on the list of people
would name everyone who ever reported, and `?password__startswith=` would give a hash away letter by letter.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Generic, TypeVar

from django.contrib import admin
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import capfirst

Row = TypeVar("Row", bound=Model)
WAYS = ("", "__exact", "__in", "__isnull", "__gte", "__lt", "__year", "__month", "__day", "__isempty", "__id__exact", "__id__in")


class SoundList(ChangeList):
    """A date that no calendar has, such as the year 99999999999, gets the whole list, as Django answers other lookups it cannot read.

    The page is called what it lists: Django's own title asks for one of them to be changed, also where nobody can.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        try:
            super().__init__(*args, **options)
        except (OverflowError, ValueError) as error:
            raise IncorrectLookupParameters(error) from error
        if not self.is_popup:
            self.title = capfirst(str(self.opts.verbose_name_plural))


class NarrowAdmin(admin.ModelAdmin[Row], Generic[Row]):
    """Filters by what its page offers, and by nothing else."""

    def get_changelist(self, request: HttpRequest, **options: Any) -> type[ChangeList]:
        return SoundList

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest) -> bool:
        return lookup in self.offered(request) and super().lookup_allowed(lookup, value, request)

    def offered(self, request: HttpRequest) -> Iterator[str]:
        names = [str(given[0] if isinstance(given, tuple | list) else given) for given in self.get_list_filter(request)]
        for name in [*names, *([self.date_hierarchy] if self.date_hierarchy else [])]:
            yield from (name + way for way in WAYS)
