"""Figures: handsets claimed against plan, guidance acknowledged, and how long duties take. Charts that are tables too."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from devices.figures import claimed_by_unit, claimed_by_week
from guidance.figures import acknowledgement_rate_by_unit
from guidance.models import Version
from portal.people.access import signed_in
from portal.people.models import Person, Rank, Role
from reporting.figures import times_by_unit

ALL_UNITS = (Role.PROFESSIONAL_STANDARDS, Role.ADMINISTRATOR, Role.AUDITOR)
WEEKS = 12


class BarChart(NamedTuple):
    """What the `bar_chart` tag takes."""

    title: str
    rows: list[tuple[str, float]]
    unit: str
    most: float | None


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    units = units_shown_to(signed_in(request))
    weeks = claimed_by_week(units)[-WEEKS:]
    context = {
        "units": units,
        "claims": claims(units),
        "weeks": [f"{week.week.day} {week.week:%b}" for week in weeks],
        "claims_by_week": {"Claimed": [week.claimed for week in weeks], "Plan": [week.planned for week in weeks]},
        "acknowledgements": acknowledgements(units),
        "times": times(units),
    }
    return render(request, "figures/figures.html", context)


def units_shown_to(person: Person) -> list[str] | None:
    """None for every unit; a manager's own unit; Http404 for everybody else."""
    if person.has_role(*ALL_UNITS):
        return None
    if person.rank >= Rank.INSPECTOR and person.unit is not None:
        return [person.unit.code]
    raise Http404


def claims(units: list[str] | None) -> BarChart:
    """Share of the plan where there is one for every unit shown, else plain numbers."""
    found = claimed_by_unit(units)
    if found and all(unit.planned for unit in found):
        return BarChart("Handsets claimed, share of plan", [(unit.code, unit.share or 0) for unit in found], "%", 100)
    return BarChart("Handsets claimed", [(unit.code, unit.claimed) for unit in found], "handsets", None)


def acknowledgements(units: list[str] | None) -> list[BarChart]:
    """One chart for each document in force."""
    return [
        BarChart(
            f"{version.document.title}, version {version.number}: acknowledged",
            [
                (rate.code or "No unit", rate.percent)
                for rate in acknowledgement_rate_by_unit(version)
                if units is None or rate.code in units
            ],
            "%",
            100,
        )
        for version in Version.objects.current().without_text().select_related("document").order_by("document__title")
    ]


def times(units: list[str] | None) -> list[BarChart]:
    found = times_by_unit(units)
    return [
        BarChart(
            "Middle time to open a duty", [(unit.code, hours(unit.sent_to_opened)) for unit in found if unit.sent_to_opened], "hours", None
        ),
        BarChart(
            "Middle time to act on a duty", [(unit.code, hours(unit.sent_to_acted)) for unit in found if unit.sent_to_acted], "hours", None
        ),
    ]


def hours(stretch: timedelta) -> float:
    return round(stretch.total_seconds() / 3600, 1)
