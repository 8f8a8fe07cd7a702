"""Lists in pages. Most lists fit on one, and then how long they are need not be asked."""

from __future__ import annotations

from typing import Any, Protocol, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property


class Listed(Protocol):
    def __getitem__(self, part: slice, /) -> list[Any]: ...

    def count(self) -> int: ...


class Pages(Paginator[Any]):
    """Pages of a queryset or its like: one query where everything fits on the first page, else Django's two."""

    def __init__(self, listed: QuerySet[Any] | Listed, per_page: int) -> None:
        super().__init__(cast("QuerySet[Any]", listed), per_page)

    @cached_property
    def count(self) -> int:
        first = list(cast("QuerySet[Any]", self.object_list)[: self.per_page + 1])
        if len(first) > self.per_page:
            return int(super().count)
        self.object_list = first
        return len(first)
