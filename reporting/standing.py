"""Where a report stands, in one sentence: who has held the duty since when, and how far they are."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import QuerySet
from django.utils.text import capfirst

from portal.people.models import Person
from portal.ui import words
from reporting.choices import OPEN_STATES, DutyState, ReportState
from reporting.models import Duty

PRESENT = (*OPEN_STATES, DutyState.ACTED, DutyState.ERASED)  # exactly one duty of a report is in one of these: the last
COLOURS = {DutyState.SENT: "blue", DutyState.OPENED: "light-blue", DutyState.TAKEN_UP: "yellow", DutyState.ACTED: "green"}
ERASED = str(ReportState.ERASED.label), "grey"


@dataclass(frozen=True, slots=True)
class Standing:
    """One line about one report, for its reporter."""

    reference: str
    href: str
    line: str
    tag: str
    colour: str


def present_duties(person: Person) -> QuerySet[Duty]:
    """The duty that each report of this person is at, the newest report first."""
    duties = Duty.objects.filter(report__reporter=person, state__in=PRESENT).select_related("report", "holder", "post")
    return duties.order_by("-report__sent_at", "-report_id").defer("report__ladder", "skipped")


def standing(duty: Duty) -> Standing:
    reference = duty.report.reference
    if duty.report.is_erased:
        return Standing(reference, f"/reports/{reference}/", "Its content was erased. Your receipts still prove when you sent it.", *ERASED)
    state = DutyState(duty.state)
    return Standing(reference, f"/reports/{reference}/", line(duty), str(state.label), COLOURS[state])


def holder_name(duty: Duty) -> str:
    return duty.holder.name if duty.holder else duty.desk.in_words


def line(duty: Duty) -> str:
    """ "With Inspector Ada Okafor since 2:02pm today. Not opened yet." """
    if duty.state == DutyState.ACTED:
        return f"{capfirst(holder_name(duty))} acted at {words.moment(duty.acted_at)}."
    return f"With {holder_name(duty)} since {words.moment(duty.from_at)}. {_progress(duty)}"


def _progress(duty: Duty) -> str:
    if duty.taken_up_at:
        return f"Taken up at {words.moment(duty.taken_up_at)}."
    return f"Opened at {words.moment(duty.opened_at)}." if duty.opened_at else "Not opened yet."
