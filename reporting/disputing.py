"""Dispute: the reporter says, once, that what was done about their report does not do. It goes to the level above the one that closed it.

At the top it goes back to the desk, where somebody other than the one who closed it acts, as long as there is somebody.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import Entry, append_all
from portal.record.canonical import Json, iso
from portal.ui import words
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import hearing, notifying, reopening
from reporting.adding import at_work
from reporting.choices import Why
from reporting.confidence import voices
from reporting.desk import remaining
from reporting.escalation.ladder import BrokenLadder, NoPolicy
from reporting.holding import Turn
from reporting.models import Dispute, Duty, Report
from reporting.promises import promising, terms
from reporting.reopening import Again, Level, NotClosed

ANOTHER_ACTS = "You closed this report before the reporter disputed it. Somebody else at the desk acts on it now."
ADD = "Add what you dispute to your report instead: professional standards are told, and can reopen it."


class CannotDispute(Exception):
    """What was done cannot be disputed, or not any more; the text says why."""


def dispute(*, reporter: Person, report_id: uuid.UUID, reason: str) -> Duty:
    """Dispute the closure of one's own report. Return the duty that begins. The next holder and professional standards may read the reason.

    Raises adding.NotYours, Erased and CannotDispute.
    """
    with at_work(reporter, report_id) as own:
        if (problem := problem_with(own.report, own.at)) is not None:
            raise CannotDispute(problem)
        return _dispute(own.report, own.at, reason)


def problem_with(report: Report, at: datetime) -> str | None:
    """What keeps the reporter from disputing at `at`, as a sentence; None where nothing does."""
    before, closed = Dispute.objects.filter(report=report).first(), reopening.closing_duty(report)
    if before is not None:
        return f"You disputed what was done at {words.moment(before.at)}. A report can be disputed once."
    if closed is None:
        return "Somebody holds the duty to act on this report. What they do can be disputed once it is recorded."
    until = disputable_until(report, closed)
    return None if at < until else f"What was done could be disputed until {words.moment(until)}."


def disputable_until(report: Report, closed: Duty) -> datetime:
    """When the time to dispute the closure by this duty ends."""
    if closed.acted_at is None:
        raise NotClosed("This report is not closed. Nothing was changed.")
    return closed.acted_at + timedelta(days=terms.of(report).days)


def may_dispute_until(report: Report, at: datetime) -> datetime | None:
    """Until when the reporter may dispute, for pages; None where they may not."""
    closed = reopening.closing_duty(report)
    return disputable_until(report, closed) if closed is not None and problem_with(report, at) is None else None


def barred(turn: Turn) -> str:
    """Why this member of the desk may not close a disputed report, as a sentence: they closed it before, and somebody else is there."""
    duty = turn.duty
    if duty is None or duty.post_id is None or duty.why != Why.DISPUTED:
        return ""
    closed_by = Dispute.objects.filter(report=turn.report, against__decision__decided_by=turn.person).exists()
    return ANOTHER_ACTS if closed_by and remaining.somebody_acts(duty, without=turn.person, asks=turn.person) else ""


def _dispute(report: Report, at: datetime, reason: str) -> Duty:
    again = _begin_again(report, at)
    Dispute.objects.create(report=report, against=again.closed, at=at)
    sealed = seal(container=report.container, values={f"disputed-{report.pk}": reason} | voices.author(report, report.pk))
    heard = promising.heard(report, at=at, again=True)
    facts: dict[str, Json] = {"duty": again.closed.pk, "level": again.closed.level, "disputed_at": iso(at), **heard.facts}
    disputed = Entry(kind="closure.disputed", subject=report.subject, actor=voices.actor(report, "disputing"), facts=facts, sealed=sealed)
    append_all([*heard.missed, disputed, duties.passed_fact(again.duty, actor=voices.actor(report, "disputing"))])
    put_all([*_notices(again), *heard.notices])
    return again.duty


def _begin_again(report: Report, at: datetime) -> Again:
    try:
        return reopening.begin_again(report=report, to=Level.NEXT, why=Why.DISPUTED, at=at)
    except (BrokenLadder, NoPolicy) as error:
        raise CannotDispute(f"{error} {ADD}") from error


def _notices(again: Again) -> list[Notice]:
    told = reopening.told_who_closed(again, why="The reporter disputed what was done")
    return [*notifying.notice_for(again.duty), *told, hearing.told_of_dispute(again.duty)]
