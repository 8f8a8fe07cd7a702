"""Figures: handsets claimed against plan, guidance acknowledged, and how duties are met. Charts that are tables too."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from io import StringIO
from typing import NamedTuple

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from devices.figures import UnitClaims, WeekClaims, claimed_by_unit, claimed_by_week
from guidance.figures import UnitRate, acknowledgement_rate_by_unit
from guidance.models import Version
from portal import duty_figures
from portal.imports.exporting import spelled
from portal.people.access import signed_in
from portal.people.models import Person, Rank, Role
from reporting.models import Reckoned

ALL_UNITS = (Role.PROFESSIONAL_STANDARDS, Role.ADMINISTRATOR, Role.AUDITOR)
WEEKS_BACK, WEEKS_AHEAD = 8, 4
LONGEST_LABEL = 44
STALE_AFTER = timedelta(minutes=30)


class BarChart(NamedTuple):
    """What the `bar_chart` tag takes."""

    title: str
    rows: list[tuple[str, float]]
    unit: str
    most: float | None


@require_safe
def figures(request: HttpRequest) -> HttpResponse:
    person, today = signed_in(request), timezone.localdate()
    units = units_shown_to(person)
    weeks = weeks_around(today, claimed_by_week(units))
    own = person.unit if units is not None else None
    context = {
        "units": units,
        "claims": claims(units),
        "weeks": [f"{week.week.day} {week.week:%b}" for week in weeks],
        "claims_by_week": {
            "Claimed": [week.claimed if week.week <= today else None for week in weeks],
            "Plan": [week.planned for week in weeks],
        },
        "acknowledgements": acknowledgements(units),
        "duties": duty_figures.shown(request, person, own),
        "address": request.GET.urlencode(),
        "stale": Reckoned.objects.filter(at__lt=timezone.now() - STALE_AFTER).first(),
    }
    return render(request, "figures/figures.html", context)


@require_safe
def duties_csv(request: HttpRequest) -> HttpResponse:
    """The duties' figures as a file, with the same filters and the same left out."""
    person = signed_in(request)
    own = person.unit if units_shown_to(person) is not None else None
    written = StringIO()
    for line in duty_figures.shown(request, person, own).table():
        csv.writer(written).writerow([spelled(cell) for cell in line])
    headers = {"Content-Disposition": 'attachment; filename="duties.csv"', "Cache-Control": "private, no-store"}
    return HttpResponse(written.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def units_shown_to(person: Person) -> list[str] | None:
    """None for every unit; a manager's own unit; Http404 for everybody else."""
    if person.has_role(*ALL_UNITS):
        return None
    if person.rank >= Rank.INSPECTOR and person.unit is not None:
        return [person.unit.code]
    raise Http404


def weeks_around(today: date, weeks: list[WeekClaims]) -> list[WeekClaims]:
    """The latest weeks up to this one, and what is planned for the next few."""
    past, ahead = [week for week in weeks if week.week <= today], [week for week in weeks if week.week > today]
    return past[-WEEKS_BACK:] + ahead[:WEEKS_AHEAD]


def claims(units: list[str] | None) -> BarChart:
    """Share of what was planned by now, or plain numbers where somebody claimed whose unit has no plan."""
    found = claimed_by_unit(units)
    planned = [unit for unit in found if unit.planned]
    if planned and not any(unit.claimed for unit in found if not unit.planned):
        rows = [(label(unit, unit.claimed, unit.planned), unit.share or 0) for unit in planned]
        return BarChart("Handsets claimed, of those planned by now", rows, "%", 100)
    return BarChart("Handsets claimed", [(_named(unit), unit.claimed) for unit in found if unit.claimed], "", None)


def acknowledgements(units: list[str] | None) -> list[BarChart]:
    """One chart for each document in force."""
    return [
        BarChart(
            f"{version.document.title}, version {version.number}: acknowledged",
            [
                (label(rate, rate.acknowledged, rate.people), rate.percent)
                for rate in acknowledgement_rate_by_unit(version)
                if units is None or rate.code in units
            ],
            "%",
            100,
        )
        for version in Version.objects.current().without_text().select_related("document").order_by("document__title")
    ]


def label(unit: UnitClaims | UnitRate, some: int, of: int) -> str:
    """ "CN Central North: 11 of 15", without the name where it would run into the figure at the end of the line."""
    counts = f": {some:,} of {of:,}"
    named = _named(unit)
    return (named if len(named + counts) <= LONGEST_LABEL else unit.code) + counts


def _named(unit: UnitClaims | UnitRate) -> str:
    return f"{unit.code} {unit.name}".strip() or "No unit"
