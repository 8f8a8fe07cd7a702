"""Who is kept from a report, as professional standards see it. The verbs are in `reporting.desk.excluding`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from portal.people.absence import deputies_at
from portal.people.models import Person, PersonQuerySet
from portal.vault.sealing import Erased, read_text
from reporting.choices import Excluded
from reporting.models import Conflict, Duty, Report

SHOWN = {
    Excluded.SENDER: "The reporter said that they sent the message",
    Excluded.NAMED: "The reporter named them",
    Excluded.DECLARED: "They stepped aside",
    Excluded.LINE: "They manage the reporter, whose line of command is left out",
}
NAMING = (Excluded.REPORTER, Excluded.LINE)  # reasons that say who sent it, or from below whom it came


@dataclass(frozen=True, slots=True)
class KeptOut:
    """Somebody who is excluded. `by`, `at`, `reason` and `conflict`, the key to let them back by, where professional standards did it."""

    who: str
    why: str
    by: str = ""
    at: datetime | None = None
    reason: str = ""
    conflict: uuid.UUID | None = None


def kept_out(person: Person, report: Report) -> list[KeptOut]:
    """Everybody excluded but the reporter, for professional standards who may know of the report. Reading is the caller's to record."""
    at_first = list(_at_first(report))
    found = list(standing(report).select_related("person__unit", "by__unit").order_by("at", "pk"))
    if not (at_first or found) or not Report.objects.all().overseen_by(person).filter(pk=report.pk).exists():
        return []
    try:
        reasons = read_text(report.container, *(f"conflict-{one.pk}" for one in found)) if found else {}
    except Erased:
        return []
    return [*at_first, *(_found(person, one, reasons[f"conflict-{one.pk}"]) for one in found)]


def _at_first(report: Report) -> Iterator[KeptOut]:
    """One for each, and one for the whole line of command where it is left out."""
    before = list(report.exclusions.filter(why__in=_shown(report)).select_related("person__unit").order_by("pk"))
    yield from (KeptOut(one.person.name_and_unit, SHOWN[Excluded(one.why)]) for one in before if one.why != Excluded.LINE)
    if line := [one.person.name_and_unit for one in before if one.why == Excluded.LINE]:
        yield KeptOut(", ".join(line), SHOWN[Excluded.LINE])


def could_exclude(person: Person, report: Report, search: str) -> PersonQuerySet:
    """Whom a search finds, without those that `kept_out` shows. Missing from it, the others would say who sent the report."""
    shown = report.exclusions.filter(why__in=_shown(report)).values("person")
    found = Person.objects.search(search).exclude(pk=person.pk).exclude(pk__in=shown).exclude(pk__in=standing(report).values("person"))
    listed: PersonQuerySet = found.order_by("last_name", "first_name", "number")
    return listed


def _shown(report: Report) -> list[Excluded]:
    return [why for why in SHOWN if not report.confidential or why not in NAMING]


def standing(report: Report) -> QuerySet[Conflict]:
    """Conflicts for which somebody is excluded now."""
    return Conflict.objects.filter(report=report, ended_at__isnull=True)


def ever_found(report: Report) -> dict[str, Conflict]:
    """All that were ever found, by their keys as facts spell them; none once the report is erased."""
    return {str(one.pk): one for one in Conflict.objects.filter(report=report).select_related("person__unit")}


def deputy_holding(whom: Person, duty: Duty | None) -> Person | None:
    """Who holds the duty because they stood in for this person when it came to them, or None.

    An absence may be said to have begun hours before it was recorded; what counts is who was passed over then.
    """
    if duty is None or duty.holder is None or str(whom.pk) not in {one.get("person") for one in duty.skipped}:
        return None
    return duty.holder if deputies_at([whom], duty.from_at).get(whom.pk) == duty.holder else None


def _found(viewer: Person, one: Conflict, reason: str) -> KeptOut:
    by = "you" if one.by == viewer else one.by.name_and_unit
    return KeptOut(one.person.name_and_unit, one.get_why_display(), by, one.at, reason, one.pk)
