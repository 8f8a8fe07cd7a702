"""Lists in pages, and the beginnings of lists. Most lists fit, and then how long they are need not be asked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Protocol, Self, TypeVar, cast

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.utils.functional import cached_property

Row = TypeVar("Row")
Other = TypeVar("Other")


class Listed(Protocol):
    def __getitem__(self, part: slice, /) -> list[Any]: ...

    def count(self) -> int: ...


def limits(part: slice) -> dict[str, int]:
    """What a statement that reads part of a list asks for: `LIMIT %(most)s OFFSET %(before)s`."""
    before = part.start or 0
    return {"most": part.stop - before, "before": before}


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


class Beginning(list[Row]):
    """The first rows of a list, and `total`: how many it has. Where it is cut the page says so (`components/_cut.html`)."""

    def __init__(self, first: Iterable[Row], total: int) -> None:
        super().__init__(first)
        self.total = total

    @classmethod
    def of(cls, listed: QuerySet[Any] | Listed, most: int) -> Self:
        """One query where all of it is shown, else two."""
        first = list(listed[: most + 1])
        return cls(first[:most], len(first) if len(first) <= most else listed.count())

    @staticmethod
    def counted(found: Sequence[tuple[Any, ...]]) -> Beginning[tuple[Any, ...]]:
        """Rows of a statement that counted the whole as their last column (`count(*) OVER ()`), without it."""
        return Beginning((row[:-1] for row in found), found[0][-1] if found else 0)

    @property
    def is_cut(self) -> bool:
        return self.total > len(self)

    def each(self, made: Callable[[Row], Other]) -> Beginning[Other]:
        """The same beginning of what is made of each row."""
        return Beginning(map(made, self), self.total)
