"""A duty as one line of a list: how long is left first, and never a word of the report."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.ui import words
from reporting import duty as duties
from reporting.choices import OPEN_STATES, Category, DutyState
from reporting.held import Held
from reporting.missed import Missed
from reporting.models import Duty
from reporting.standing import COLOURS, ERASED

SOON = timedelta(hours=1)
ENDED = {
    DutyState.LAPSED: "red",
    DutyState.PASSED: "grey",
    DutyState.STEPPED_ASIDE: "grey",
    DutyState.MOVED: "grey",
    DutyState.ACTED: "green",
    DutyState.REOPENED: "grey",
    DutyState.ERASED: "grey",
}


# The columns a line is made of, for `.only(…)` on duties with their report, its unit, the holder and the post.
NEEDED = (
    *("state", "open_due_at", "act_due_at", "next_due_at", "opened_at", "ended_at", "holder", "post__name"),
    *(
        "report__reference",
        "report__state",
        "report__categories",
        "report__at_risk_now",
        "report__confidential",
        "report__unit__code",
        "report__unit__name",
    ),
    *("holder__rank", "holder__first_name", "holder__last_name", "holder__unit__code"),
)


@dataclass(frozen=True, slots=True)
class Line:
    """What a list shows of one duty. `unit` is empty where the reporter's name is kept from the holder."""

    reference: str
    time: str
    overdue: bool
    tag: str
    colour: str
    categories: list[str]
    unit: str
    at_risk_now: bool
    holder: str
    assigned: str = ""  # who of the post that holds it works on it, as `reporting.held.Held` has it


def line(duty: Duty, at: datetime, *, assigned: str = "") -> Line:
    """The reporter's unit narrows their name down: where that is kept back, so is the unit."""
    report = duty.report
    if report.is_erased:
        return erased_line(duty)
    tag, colour = state_tag(duty, at)
    return Line(
        reference=report.reference,
        time=time_left(duty, at),
        overdue=is_overdue(duty, at),
        tag=tag,
        colour=colour,
        categories=labels(report.categories),
        unit=str(report.unit or "") if not report.confidential else "",
        at_risk_now=report.at_risk_now and duty.state in OPEN_STATES,
        holder=duties.holder_first(duty),
        assigned=assigned,
    )


def erased_line(duty: Duty) -> Line:
    """No more than that there was a report, and when its last duty ended."""
    holder = duties.holder_first(duty)
    tag, colour = ERASED
    ended = f"Ended {words.moment(duty.ended_at)}"
    return Line(
        duty.report.reference, ended, overdue=False, tag=tag, colour=colour, categories=[], unit="", at_risk_now=False, holder=holder
    )


def held_line(held: Held, at: datetime) -> Line:
    """The same of a row that is this person's own."""
    tag, colour = state_tag(held, at)
    return Line(
        reference=held.reference,
        time=time_left(held, at),
        overdue=is_overdue(held, at),
        tag=tag,
        colour=colour,
        categories=labels(held.categories),
        unit=held.unit,
        at_risk_now=held.at_risk_now,
        holder="",
        assigned=held.assigned,
    )


def missed_line(missed: Missed) -> Line:
    """A duty that a deadline took from this person, for as long as they may record what they did."""
    return Line(
        reference=missed.reference,
        time="Record what you did, late",
        overdue=True,
        tag=str(DutyState.LAPSED.label),
        colour=ENDED[DutyState.LAPSED],
        categories=labels(missed.categories),
        unit=missed.unit,
        at_risk_now=False,
        holder="",
    )


def labels(categories: Iterable[str]) -> list[str]:
    return [Category(kept).label for kept in categories]


def is_overdue(duty: Duty | Held, at: datetime) -> bool:
    """A deadline of an open duty has passed: at the post at the top, or in the moment before the clock fires it."""
    missed_opening = duty.opened_at is None and duty.open_due_at <= at
    return duty.state in OPEN_STATES and (missed_opening or duty.act_due_at <= at)


def time_left(duty: Duty | Held, at: datetime) -> str:
    """ "43 minutes to open", "2 hours to act", "3 hours overdue", and of a duty that ended, when it did.

    A desk keeps what it did not open in time: of that, how late it is to open, which is what it is marked overdue for.
    """
    if duty.ended_at is not None:
        return f"Ended {words.moment(duty.ended_at)}"
    if duty.act_due_at <= at:
        return f"{words.duration(at - duty.act_due_at)} overdue"
    if duty.opened_at is not None:
        return f"{words.duration(duty.act_due_at - at)} to act"
    if duty.open_due_at <= at:
        return f"{words.duration(at - duty.open_due_at)} overdue to open"
    return f"{words.duration(duty.open_due_at - at)} to open"


def state_tag(duty: Duty | Held, at: datetime) -> tuple[str, str]:
    state = DutyState(duty.state)
    if state not in OPEN_STATES:
        return str(state.label), ENDED[state]
    if is_overdue(duty, at):
        return "Overdue", "red"
    if duty.next_due_at and duty.next_due_at - at < SOON:
        return f"{state.label}, due soon", "yellow"
    return str(state.label), COLOURS[state]
