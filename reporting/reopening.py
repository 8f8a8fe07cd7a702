"""Reopen: a report that was closed has somebody who must act on it again.

`begin_again` is what every way back from a closure shares. Professional standards reopen with a reason; a reporter disputes a closure.
The duty that had closed the report stays as it was, with its outcome and the time of it: a new one begins after it.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.receipts import telling
from portal.record.appending import append_all, person_actor
from portal.record.models import Fact
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import holding, notifying
from reporting.choices import DutyState, ReportState, Why
from reporting.desk import overseeing
from reporting.desk.overseeing import Locked
from reporting.escalation.ladder import BrokenLadder, climbing, frozen
from reporting.models import Duty, Report
from reporting.promises import promising


class NotClosed(Exception):
    """Only a closed report can be reopened; the text says where it is."""


class NobodyAbove(Exception):
    """Who is above whoever closed the report cannot be found; the text says what to do."""


class Level(StrEnum):
    """To whom a reopened report goes."""

    NEXT = "next"
    DESK = "desk"


@dataclass(frozen=True, slots=True)
class Again:
    """A duty that began after a closure, and the one that had closed the report."""

    duty: Duty
    closed: Duty


def reopen(*, person: Person, report_id: uuid.UUID, to: Level, reason: str) -> Duty:
    """Somebody in professional standards gives a closed report a holder again: the level above the last, or the desk.

    The next holder and professional standards may read the reason. Raises holding.NotYours, Erased, NotClosed, NobodyAbove, and
    ladder.NoPolicy where the desk's deadlines can be read nowhere.
    """
    with overseeing.at_work(person, report_id):
        locked = overseeing.lock(person, report_id)
        if locked.duty is not None:
            raise NotClosed(f"{duties.holder_first(locked.duty)} holds the duty to act on this report. Nothing was changed.")
        again = _reopen(locked, to)
        sealed = seal(container=again.duty.report.container, values={f"reopened-{again.duty.pk}": reason})
        heard = promising.heard(again.duty.report, at=locked.at, again=True)
        passed = duties.passed_fact(again.duty, actor=person_actor(person), sealed=sealed)
        *_, fact = append_all([*heard.missed, passed._replace(facts={**passed.facts, **heard.facts})])
        told = [*notifying.notice_for(again.duty), _told_reporter(again.duty), *_told_of_receipt(person, again.duty, fact)]
        put_all([*told, *told_who_closed(again, why="Professional standards reopened it"), *heard.notices])
    return again.duty


def _reopen(locked: Locked, to: Level) -> Again:
    try:
        return begin_again(report=locked.report, to=to, why=Why.REOPENED, at=locked.at)
    except BrokenLadder as error:
        raise NobodyAbove(f"{error} Reopen it for the professional standards desk instead.") from error


def begin_again(*, report: Report, to: Level, why: Why, at: datetime) -> Again:
    """Begin a duty above whoever closed a report whose row the caller has locked (`duty.lock`), or at the desk, which has nobody above it.

    In the caller's transaction: they append `duty.passed_fact(again.duty, actor=…)` and put the notices. `actor` must not be a reporter
    whose name is kept back: the new holder has a receipt of that fact. Whoever held the report before does not hold it again, and the
    desk takes it where nobody else may. Raises NotClosed, ladder.BrokenLadder, and ladder.NoPolicy as `duty.begin_at_top`.
    """
    closed = closing_duty(report)
    if report.state != ReportState.ACTED or closed is None:
        raise NotClosed("This report is not closed. Nothing was changed.")
    closed.state = DutyState.REOPENED  # one duty of a report, the last, is open or acted
    closed.save(update_fields=["state"])
    report.state = ReportState.OPEN
    report.save(update_fields=["state"])
    seq = closed.seq + 1
    if to == Level.DESK or closed.post_id is not None:
        return Again(duties.begin_at_top(report=report, why=why, seq=seq, at=at), closed)
    return Again(duties.begin_above(report=report, level=closed.level, why=why, seq=seq, at=at), closed)


def closing_duty(report: Report) -> Duty | None:
    """The duty whose holder closed the report, while it is closed."""
    duty = Duty.objects.filter(report=report, state=DutyState.ACTED).select_related("holder__unit", "post", "decision__decided_by").first()
    if duty is not None:
        duty.report = report
    return duty


def has_level_above(report: Report) -> bool:
    """Whether "the next level" is somebody else than the desk. Where the levels cannot be read, the desk alone is left."""
    closed = closing_duty(report)
    try:
        with climbing(report):
            return any(not rung.is_last and rung.level > (closed.level if closed else 0) for rung in frozen(report))
    except BrokenLadder:
        return False


def told_who_closed(again: Again, *, why: str) -> list[Notice]:
    """Whoever had closed the report is told that it is open again, unless they left or must not know of it any more."""
    by, report = again.closed.decision.decided_by, again.duty.report
    if not by.is_active or by.pk in duties.excluded_from(report):
        return []
    return [
        Notice(
            to=by,
            kind="duty.reopened",
            subject=f"Report {report.reference}, which you closed, is open again",
            body=f"{why}. {duties.holder_first(again.duty)} holds the duty to act now. What you recorded stays on the record.",
            link=f"/duties/{report.reference}/",
            dedupe=f"reopened:{again.duty.pk}:{by.pk}",
        )
    ]


def _told_reporter(duty: Duty) -> Notice:
    reference = duty.report.reference
    return notifying.told_reporter(
        duty.report,
        kind="report.passed",
        dedupe=f"report-passed:{duty.pk}",
        subject=f"Your report {reference} was reopened",
        body=f"Professional standards reopened your report {reference}. "
        f"{duties.holder_first(duty)} holds the duty to act on it now. {telling.where()}",
    )


def _told_of_receipt(person: Person, duty: Duty, fact: Fact) -> list[Notice]:
    """Whoever reopens a report has a receipt of it where the duty is, or was, with them or their desk."""
    if not holding.has_held(person, duty.report):
        return []
    if holding.holds(person, duty):
        holding.handled(person, duty)
    title = f"Report {duty.report.reference} was reopened, and the duty to act passed to {duties.holder_name(duty)}"
    return [telling.ready(to=person, fact=fact, title=title)]
