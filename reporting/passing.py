"""Pass: the holder gives the duty to somebody else, with a reason. The deadline to act stays where it was: a pass never buys time.

The post at the top never lets go: its duty cannot be passed, only acted on.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.notices.outbox import put_all
from portal.people.absence import deputies_at
from portal.people.models import Person, PersonQuerySet
from portal.receipts import telling
from portal.record.appending import append_all, person_actor
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import holding, notifying
from reporting.choices import DutyState, Why
from reporting.escalation.ladder import BrokenLadder, climbing, frozen
from reporting.escalation.routing import Found
from reporting.holding import NotHolding, Turn
from reporting.models import Duty, Report
from reporting.opening import ensure_open

REFER = "Record instead that you refer it to professional standards: the duty passes to them at once."


class CannotPass(Exception):
    """The duty cannot go to this person, or from this holder; the text says why."""


def pass_on(*, person: Person, report_id: uuid.UUID, to: uuid.UUID, reason: str, unopened: bool = False) -> Duty:
    """Pass the duty to somebody of the level's least rank or above. The reporter and the next holder may read the reason.

    `unopened`: they pass it from a list of references, so that doing so does not say that they opened the report.
    Raises holding.NotYours, holding.NotHolding and CannotPass.
    """
    holding.fire_before(person, report_id)
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        new = _pass_on(turn, to, reason, unopened) if turn.is_theirs else None
    if new is None:
        raise NotHolding(holding.gone(turn))
    return new


def offered(duty: Duty) -> PersonQuerySet:
    """Whom a holder finds: everybody active and of the level's rank who is not excluded and did not hold it before. Raises CannotPass.

    A reporter whose name is kept from them is found like anybody else, for missing from the list would name them.

    Choosing them is refused in the words that refuse anybody; with anybody else the choice counts, so names can't be tried out.
    """
    hidden = _may_not(duty)
    return _ranked(duty).exclude(pk__in=hidden - {duty.report.reporter_id} if duty.report.confidential else hidden)


def _ranked(duty: Duty) -> PersonQuerySet:
    ranked: PersonQuerySet = Person.objects.active().at_least(least_rank(duty.report, duty.level))
    return ranked


def _may_not(duty: Duty) -> set[uuid.UUID]:
    held = duty.report.duties.filter(holder__isnull=False).values_list("holder_id", flat=True)
    return duties.excluded_from(duty.report) | set(held)


def least_rank(report: Report, level: int) -> int:
    """The least rank of a level. Levels without one are the post's. Raises CannotPass where the ladder cannot be read."""
    try:
        with climbing(report):
            return duties.rung_of(report, level).least_rank or max(rung.least_rank or 0 for rung in frozen(report))
    except BrokenLadder as error:
        raise CannotPass(f"{error} {REFER}") from error


def _pass_on(turn: Turn, to: uuid.UUID, reason: str, unopened: bool) -> Duty:
    duty = turn.held if unopened else ensure_open(turn)
    if duty.post is not None:
        raise CannotPass(f"{duties.holder_first(duty)} is the last to hold a duty and cannot pass it on. Record what you did instead.")
    chosen = _eligible(turn, duty, to)
    duty.state, duty.ended_at, duty.next_due_at = DutyState.PASSED, turn.at, None
    duty.save(update_fields=["state", "ended_at", "next_due_at"])
    new = duties.begin(
        report=turn.report,
        found=Found(duty.level, chosen, None, []),
        why=Why.PASSED,
        seq=duty.seq + 1,
        at=turn.at,
        act_due_at=duty.act_due_at,
    )
    sealed = seal(container=turn.report.container, values={f"passed-{duty.pk}": reason})
    (fact,) = append_all([duties.passed_fact(new, actor=person_actor(turn.person), sealed=sealed)])
    title = f"You passed the duty to act on report {turn.report.reference} to {duties.holder_name(new)}"
    put_all([*notifying.notice_for(new), notifying.told_reporter_of_pass(new), telling.ready(to=turn.person, fact=fact, title=title)])
    return new


def _eligible(turn: Turn, duty: Duty, to: uuid.UUID) -> Person:
    chosen = offered(duty).select_related("unit").filter(pk=to).first()
    # Asked first: else, of people who are away, a reporter whose name is kept back would be told from the others at no price.
    if chosen is not None and chosen.pk in deputies_at([chosen], turn.at):
        raise CannotPass(f"{chosen.name_and_unit} is away. Choose somebody else.")
    if chosen is None or chosen.pk in _may_not(duty):
        raise CannotPass("That person cannot hold this duty. Choose somebody else.")
    return chosen
