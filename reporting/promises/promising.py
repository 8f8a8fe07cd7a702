"""Promise: the reporter hears by a time. It is made when they send, kept by whoever writes to them or closes the report, and made again.

Being kept waiting moves no duty: the duty has deadlines of its own, and whoever holds it is told (docs/decisions/0022). A promise that
passed is missed first, also by somebody who writes a moment later. The caller holds the report's row (`duty.lock`), which the sweep in
`breaking` takes too.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from portal.notices.outbox import Notice
from portal.record.appending import Entry
from portal.record.canonical import Json, iso
from reporting.choices import PromiseState
from reporting.models import Promise, Report
from reporting.promises import terms
from reporting.promises.unheard import Unheard, missed_fact, notices


@dataclass(frozen=True, slots=True)
class Heard:
    """What hearing changed: facts of a promise that had passed unkept, to be appended first, its notices, and what the fact of the
    message itself says of the next promise."""

    missed: list[Entry] = field(default_factory=list)
    notices: list[Notice] = field(default_factory=list)
    facts: dict[str, Json] = field(default_factory=dict)


def first(report: Report, frozen: terms.Frozen) -> Promise:
    """The promise a report is sent with, not written yet."""
    return Promise(report=report, seq=1, terms=frozen.kept(), made_at=report.sent_at, due_at=frozen.due(report.sent_at))


def said(promise: Promise) -> dict[str, Json]:
    """What the fact that makes a promise says of it."""
    facts: dict[str, Json] = {"promise": promise.seq, "hear_by": iso(promise.due_at)}
    return facts | ({"terms": promise.terms} if promise.seq == 1 else {})


def heard(report: Report, *, at: datetime, again: bool) -> Heard:
    """The reporter hears at `at`: their promise is kept, or was missed. `again`: a next one begins, for the report stays open."""
    promise = Promise.objects.filter(report=report).open().first()
    if promise is None:
        return Heard(facts=said(_begin(report, None, at)) if again else {})
    unheard = end(promise, at)
    facts = said(_begin(report, promise, at)) if again else {}
    return Heard([missed_fact(one) for one in unheard], notices(unheard), facts)


def let_go(report: Report, *, at: datetime) -> Heard:
    """The report's content is erased: there is nothing left to hear of. A promise that had passed is missed all the same."""
    promise = Promise.objects.filter(report=report).open().first()
    unheard = end(promise, at, PromiseState.ENDED) if promise else []
    return Heard([missed_fact(one) for one in unheard], notices(unheard))


def end(promise: Promise, at: datetime, state: PromiseState = PromiseState.KEPT) -> list[Unheard]:
    """End a promise as `state` or, where its time had passed, as missed; then it is returned."""
    is_missed = promise.due_at <= at
    promise.state, promise.ended_at = PromiseState.MISSED if is_missed else state, at
    promise.save(update_fields=["state", "ended_at"])
    return [Unheard(promise, at, promise.report.duties.open().select_related("holder", "post").first(), None)] if is_missed else []


def running(report: Report) -> Promise | None:
    """The promise that runs, for pages."""
    return Promise.objects.filter(report=report).open().first()


def _begin(report: Report, before: Promise | None, at: datetime) -> Promise:
    last = before or Promise.objects.filter(report=report).order_by("seq").last()
    frozen = terms.frozen(last) if last else terms.freeze(urgent=report.at_risk_now)
    seq = last.seq + 1 if last else 1
    return Promise.objects.create(report=report, seq=seq, terms=frozen.kept(), made_at=at, due_at=frozen.due(at))
