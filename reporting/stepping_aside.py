"""Step aside: a holder declares a conflict of interest and never sees the report again. The duty goes on with fresh deadlines.

A member of the post at the top steps aside alone: the duty stays with the post, and the post must still have somebody.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.receipts import telling
from portal.record.appending import Entry, append_all, person_actor
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import holding, notifying, unrecorded
from reporting.choices import DutyState, Excluded, Why
from reporting.desk import assigning, remaining
from reporting.escalation.ladder import BrokenLadder
from reporting.holding import NotHolding, Turn
from reporting.models import Duty, Exclusion

REFER = "Record instead that you refer it to professional standards, and say in your reasons why you must not hold it."


class NobodyElse(Exception):
    """Nobody else is there, or can be found, to take the duty; the text says what to do."""


def step_aside(*, person: Person, report_id: uuid.UUID, reason: str) -> Duty:
    """Exclude the holder and pass the duty to the next who may hold it, at the same level or above. Return the duty as it stands then.

    Raises holding.NotYours, holding.NotHolding and NobodyElse.
    """
    holding.fire_before(person, report_id)
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        after = _step_aside(turn, reason) if turn.is_theirs else None
    if after is None:
        raise NotHolding(holding.gone(turn))
    return after


def _step_aside(turn: Turn, reason: str) -> Duty:
    duty = turn.held
    if duty.post is not None and not remaining.somebody_acts(duty, without=turn.person, asks=turn.person):
        raise NobodyElse(f"Nobody else at {duty.desk.in_words} can take this. Ask an administrator to add somebody, then step aside.")
    Exclusion.objects.create(report=turn.report, person=turn.person, why=Excluded.DECLARED)
    unrecorded.drop(turn.person, turn.report)
    name = f"aside-{duty.pk}-{turn.person.pk}"
    sealed = seal(container=turn.report.container, values={name: reason})
    aside = Entry(
        kind="duty.stepped_aside",
        subject=turn.report.subject,
        actor=person_actor(turn.person),
        facts={"duty": duty.pk, "level": duty.level, "stays": duty.post_id is not None},
        sealed=sealed,
    )
    if duty.post_id is not None:
        append_all([aside])
        assigning.release(turn, only=turn.person)
        put_all([_tell_reporter(turn, duty)])
        return duty
    new = _hand_on(turn, duty)
    append_all([aside, duties.passed_fact(new, actor=person_actor(turn.person))])
    put_all([*notifying.notice_for(new), notifying.told_reporter_of_pass(new)])
    return new


def _hand_on(turn: Turn, duty: Duty) -> Duty:
    try:
        return duties.hand_on(duty, state=DutyState.STEPPED_ASIDE, why=Why.STEPPED_ASIDE, at=turn.at)
    except BrokenLadder as error:
        raise NobodyElse(f"{error} {REFER}") from error


def _tell_reporter(turn: Turn, duty: Duty) -> Notice:
    """The duty stays, so that no hand-over tells them. Who stepped aside has no receipt: they must not know of the report any more."""
    reference, name = turn.report.reference, turn.person.name_and_unit
    return notifying.told_reporter(
        turn.report,
        kind="report.stepped_aside",
        dedupe=f"report-stepped-aside:{duty.pk}:{turn.person.pk}",
        subject=f"Somebody stepped aside from your report {reference}",
        body=f"{name} stepped aside from your report {reference}. {duties.holder_first(duty)} still holds the duty to act on it. "
        f"{telling.where()}",
    )
