"""Claims against the plan, by unit and by week: plain numbers for charts and tables.

A unit counts handsets held now; a week counts every claim made in it, whatever came of the handset.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

BY_UNIT = """
WITH claimed AS (
    SELECT holder.unit_id, count(*) AS many
    FROM devices_custody AS custody JOIN people_person AS holder ON holder.id = custody.holder_id WHERE custody.ended_at IS NULL GROUP BY 1
), planned AS (
    SELECT unit_id, sum(planned) AS many FROM devices_rolloutplan WHERE week_starting <= CURRENT_DATE GROUP BY 1
)
SELECT unit.code, unit.name, coalesce(claimed.many, 0), coalesce(planned.many, 0)
FROM people_unit AS unit LEFT JOIN claimed ON claimed.unit_id = unit.id LEFT JOIN planned ON planned.unit_id = unit.id
WHERE %(units)s::text[] IS NULL OR unit.code = ANY (%(units)s) ORDER BY unit.code
"""

BY_WEEK = """
WITH claimed AS (
    SELECT date_trunc('week', custody.claimed_at AT TIME ZONE 'Europe/London')::date AS week, count(*) AS many
    FROM devices_custody AS custody JOIN people_person AS holder ON holder.id = custody.holder_id
    JOIN people_unit AS unit ON unit.id = holder.unit_id
    WHERE %(units)s::text[] IS NULL OR unit.code = ANY (%(units)s) GROUP BY 1
), planned AS (
    SELECT plan.week_starting AS week, sum(plan.planned) AS many
    FROM devices_rolloutplan AS plan JOIN people_unit AS unit ON unit.id = plan.unit_id
    WHERE %(units)s::text[] IS NULL OR unit.code = ANY (%(units)s) GROUP BY 1
)
SELECT week, coalesce(claimed.many, 0), coalesce(planned.many, 0) FROM claimed FULL JOIN planned USING (week) ORDER BY week
"""


@dataclass(frozen=True, slots=True)
class UnitClaims:
    code: str
    name: str
    claimed: int  # held now by people of this unit
    planned: int  # to have been claimed by now

    @property
    def share(self) -> float | None:
        """Per cent of the plan, or None without a plan."""
        return round(100 * self.claimed / self.planned, 1) if self.planned else None


@dataclass(frozen=True, slots=True)
class WeekClaims:
    week: date  # its Monday
    claimed: int
    planned: int


def claimed_by_unit(units: Iterable[str] | None = None) -> list[UnitClaims]:
    """Every unit, or those with these codes, in order of their codes."""
    return [UnitClaims(code, name, int(claimed), int(planned)) for code, name, claimed, planned in _rows(BY_UNIT, units)]


def claimed_by_week(units: Iterable[str] | None = None) -> list[WeekClaims]:
    """Every week in which something was claimed or planned, the first week first; weeks begin on Monday, London time."""
    return [WeekClaims(week, int(claimed), int(planned)) for week, claimed, planned in _rows(BY_WEEK, units)]


def _rows(query: str, units: Iterable[str] | None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, {"units": None if units is None else list(units)})
        return list(cursor.fetchall())
