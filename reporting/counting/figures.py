"""How duties are met, by unit, category or month: from what `reckoning` counted up, less what this viewer must not learn of."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from portal.people.models import Person, Unit
from portal.postgres.base import rows
from reporting.choices import Counted, Grouping
from reporting.counting import buckets
from reporting.counting.reckoning import SPREAD

KEYS = {Grouping.UNIT: "coalesce(unit_id::text, kept_back::text)", Grouping.CATEGORY: "category", Grouping.MONTH: "month::text"}
WANTED = """
    (%(category)s::text IS NULL OR category = %(category)s) AND (%(unit)s::bigint IS NULL OR {0}.unit_id = %(unit)s)
    AND (%(first)s::date IS NULL OR {0}.month >= %(first)s) AND (%(last)s::date IS NULL OR {0}.month <= %(last)s)
"""
# What a report that is kept from the viewer adds is known to the bucket, so that it can be taken out again whole.
READ = f"""
SELECT {{key}} AS key, what, bucket, sum(number) FROM (
    SELECT unit_id, kept_back, month, category, what, bucket, number FROM reporting_figure AS figure WHERE {WANTED.format("figure")}
    UNION ALL
    SELECT measured.unit_id, measured.kept_back, measured.month, category, what, bucket, -number
    FROM reporting_exclusion AS hidden JOIN reporting_measured AS measured ON measured.report_id = hidden.report_id
    {SPREAD}
    WHERE hidden.person_id = %(viewer)s::uuid AND bucket IS NOT NULL AND {WANTED.format("measured")}
) AS counted GROUP BY key, what, bucket HAVING sum(number) > 0
"""  # noqa: S608 - constants


@dataclass(frozen=True, slots=True)
class Asked:
    """Which figures: of one unit or all, one category or all, from a month to a month, grouped by one of them."""

    by: Grouping
    unit: Unit | None = None
    category: str = ""
    first: date | None = None
    last: date | None = None


@dataclass(slots=True)
class Tally:
    """What was counted of one group: by thing, then by bucket."""

    counts: defaultdict[str, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))

    def number(self, what: Counted) -> int:
        return self.counts[what].total()

    def time(self, what: Counted, share: float) -> timedelta | None:
        return buckets.quantile(self.counts[what], share)


@dataclass(frozen=True, slots=True)
class Tallies:
    """One tally for each group by its key, and all of them as one: a duty of two categories is in both, and once in all."""

    groups: Mapping[str, Tally]
    whole: Tally


def tallies(asked: Asked, *, viewer: Person) -> Tallies:
    """What was counted, without the reports that `viewer` must not learn of, as if those were not there.

    Keys: a unit's, "false" for no unit and "true" where it is kept back; a category; a month as an ISO date.
    """
    found: defaultdict[str, Tally] = defaultdict(Tally)
    by_category = asked.by == Grouping.CATEGORY and not asked.category
    for key, what, bucket, number in _read(asked, viewer, None if by_category else asked.category):
        found[key].counts[what][bucket] += int(number)
    whole = found.pop("", Tally()) if by_category else _sum(found)
    return Tallies(found, whole)


def _read(asked: Asked, viewer: Person, category: str | None) -> list[tuple[Any, ...]]:
    wanted = {"category": category, "unit": asked.unit.pk if asked.unit else None, "first": asked.first, "last": asked.last}
    return rows(READ.replace("{key}", KEYS[asked.by]), {**wanted, "viewer": viewer.pk})


def _sum(found: Mapping[str, Tally]) -> Tally:
    whole = Tally()
    for tally in found.values():
        for what, counted in tally.counts.items():
            whole.counts[what].update(counted)
    return whole
