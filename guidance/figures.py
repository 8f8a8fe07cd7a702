"""Who has acknowledged, unit by unit."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef, Q

from guidance.models import Acknowledgement, Version
from guidance.reminding import audience_of


@dataclass(frozen=True, slots=True)
class UnitRate:
    """One unit's part of a version's audience. code is "" for people without a unit."""

    code: str
    name: str
    people: int
    acknowledged: int

    @property
    def percent(self) -> float:
        return round(100 * self.acknowledged / self.people, 1) if self.people else 0.0


def acknowledgement_rate_by_unit(version: Version) -> list[UnitRate]:
    """Rates of the people at work in the version's audience, by unit code, in one query."""
    done = Exists(Acknowledgement.objects.filter(version=version, person=OuterRef("pk")))
    rows = (
        audience_of(version)
        .alias(done=done)
        .order_by()
        .values("unit__code", "unit__name")
        .annotate(people=Count("pk"), acknowledged=Count("pk", filter=Q(done=True)))
        .order_by("unit__code")
    )
    return [UnitRate(row["unit__code"] or "", row["unit__name"] or "", row["people"], row["acknowledged"]) for row in rows]
