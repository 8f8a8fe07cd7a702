"""Pass the duties of somebody who goes away to their deputy: each is a pass of its own, with its own transaction and its own answer."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from portal.people.models import Person
from reporting import passing
from reporting.holding import NotHolding, NotYours
from reporting.models import Duty, Report


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many passed, and a sentence for each that did not."""

    passed: int
    kept: list[str]


def held(person: Person) -> list[Duty]:
    """Open duties this person holds themselves, the most urgent first. What their desk holds stays there."""
    mine = Duty.objects.all().held_by(person).filter(holder=person).select_related("report")
    return list(mine.defer("skipped").most_urgent_first())


def within_rank(duties: Sequence[Duty], deputy: Person | None) -> list[Duty]:
    """Those that can pass and need no higher rank than the deputy's. Whom else a report keeps out is said of no list."""
    if deputy is None or not deputy.is_active:
        return []
    return [duty for duty in duties if _within(duty, deputy)]


def _within(duty: Duty, deputy: Person) -> bool:
    try:
        return passing.least_rank(duty.report, duty.level) <= deputy.rank
    except passing.CannotPass:
        return False


def hand_over(*, person: Person, reports: Sequence[uuid.UUID], to: Person, reason: str) -> Outcome:
    """Pass each of these to the deputy. One that can't go to them, or that is held no more, keeps none of the others back."""
    passed, kept = 0, []
    for key, reference in Report.objects.filter(pk__in=reports).order_by("sent_at").values_list("pk", "reference"):
        try:
            passing.pass_on(person=person, report_id=key, to=to.pk, reason=reason, unopened=True)
        except (passing.CannotPass, NotHolding) as error:
            kept.append(f"Report {reference}: {error}")
        except NotYours:
            continue
        else:
            passed += 1
    return Outcome(passed, kept)
