"""Promises that pass: each is kept as missed, once, with the time it was due and the time it fired, and a new one begins from then."""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.notices.outbox import put_all
from portal.postgres.base import rows
from portal.record import standing
from portal.record.appending import append_unread, now
from reporting.choices import PromiseState
from reporting.escalation.leaving_alone import ALONE, ONE_OF_MANY, LeftAlone
from reporting.models import Duty, Promise, Report
from reporting.promises import terms
from reporting.promises.unheard import Unheard, missed_fact, notices

log = logging.getLogger(__name__)
_stuck = LeftAlone()
BREAK = """
UPDATE reporting_promise SET state = 'missed', ended_at = %s WHERE id = ANY(%b::bigint[]) AND state = 'open' RETURNING id
"""


def break_due(*, most: int = 1_000) -> int:
    """Fire up to `most` promises that passed by the database's clock; return how many did. Those somebody works on wait a moment."""
    return _break(most)


def break_shown(references: Collection[str]) -> int:
    """Fire what has passed of the reports that somebody opens the page of, so that none says of a day gone by that they will hear by it.

    The verb of the sweep, whoever runs it (docs/decisions/0020). While the portal is read-only nothing fires.
    """
    try:
        return _break(len(references), references)
    except standing.RecordReadOnly:
        return 0


def break_before(reports: QuerySet[Report]) -> None:
    """As `lapsing.fire_before`: before the transaction of a verb that may refuse."""
    passed = Promise.objects.open().filter(report__in=reports, due_at__lte=Now())
    if late := list(passed.values_list("report__reference", flat=True)):
        break_shown(late)


def break_first(report: Report, *, at: datetime) -> None:
    """For a verb that has locked this report: a promise that has passed fires before anything else."""
    for promise in Promise.objects.open().filter(report=report, due_at__lte=at):
        promise.report = report
        _fire_alone(promise, at)


def _break(most: int, of: Collection[str] | None = None) -> int:
    with transaction.atomic():
        at = now()
        claimed = list(claim(at, most, of))
        if claimed:
            _fire_each(claimed, at)
        return len(claimed)


def _fire_each(claimed: Sequence[Promise], at: datetime) -> None:
    """Fire the batch; one that cannot be fired, as where its calendar is gone, is left alone and stops no other."""
    try:
        with transaction.atomic():
            fire(claimed, at=at)
    except ONE_OF_MANY:
        for promise in claimed:
            _fire_alone(promise, at)


def _fire_alone(promise: Promise, at: datetime) -> None:
    try:
        with transaction.atomic():
            fire([promise], at=at)
    except ALONE:
        log.exception("promise %s has passed and could not be fired", promise.pk)
        _stuck.leave(promise.pk)


def claim(at: datetime, most: int, of: Collection[str] | None = None) -> QuerySet[Promise]:
    """Lock due promises with their reports, those nobody else is working on. `of`: references of the only reports to look at."""
    due = Promise.objects.all().due(at).exclude(pk__in=_stuck.keys()).select_related("report__reporter")
    due = due if of is None else due.filter(report__reference__in=of)
    return due.select_for_update(skip_locked=True, no_key=True, of=("self", "report"))[:most]


def fire(claimed: Sequence[Promise], *, at: datetime) -> None:
    """Keep that these passed, begin the next of each, and tell everybody. A few statements for the whole batch."""
    fired = {key for (key,) in rows(BREAK, [at, [promise.pk for promise in claimed]])}
    missed = [promise for promise in claimed if promise.pk in fired]
    for promise in missed:
        promise.state, promise.ended_at = PromiseState.MISSED, at
    following = Promise.objects.bulk_create(_next(promise, at) for promise in missed)
    duties = {duty.report_id: duty for duty in _duties(missed)}
    unheard = [Unheard(old, at, duties.get(old.report_id), new) for old, new in zip(missed, following, strict=True)]
    append_unread([missed_fact(one) for one in unheard])
    put_all(notices(unheard))


def _next(promise: Promise, at: datetime) -> Promise:
    due_at = terms.frozen(promise).due(at)
    return Promise(report=promise.report, seq=promise.seq + 1, terms=promise.terms, made_at=at, due_at=due_at)


def _duties(missed: Sequence[Promise]) -> QuerySet[Duty]:
    return Duty.objects.filter(report__in=[one.report_id for one in missed]).open().select_related("holder", "post")
