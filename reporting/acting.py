"""Act: the holder records what they did. It ends their duty; a referral to professional standards begins the desk's.

Somebody who lost the duty to a deadline may still record what they did: it is kept as late, beside the lapse, and moves nothing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import QuerySet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.receipts import telling
from portal.record.appending import Entry, append_all, person_actor
from portal.record.canonical import Json, iso
from portal.record.models import Fact
from portal.vault.sealing import seal
from reporting import disputing, holding, notifying, staffing, unrecorded
from reporting import duty as duties
from reporting.choices import DutyState, Outcome, ReportState, Why
from reporting.desk import checklists
from reporting.holding import NotHolding, Turn
from reporting.models import Decision, Duty, Report
from reporting.opening import ensure_open
from reporting.promises import promising


@dataclass(frozen=True, slots=True)
class Given:
    """What a holder gives: see `act`."""

    outcome: Outcome
    reasons: str
    shared: str
    checked: Sequence[str] | None


def act(
    *, person: Person, report_id: uuid.UUID, outcome: Outcome, reasons: str, shared: str = "", checked: Sequence[str] | None = None
) -> Decision:
    """Record the holder's outcome. `reasons` are for whoever holds or oversees the report; `shared` is what its reporter may read.

    `checked`: keys ticked on the outcome's checklist, or None where it was not shown.

    Raises holding.NotYours and, once any lapse found on the way is kept, holding.NotHolding.
    """
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        barred = disputing.barred(turn)
        decision = _act(turn, Given(outcome, reasons, shared, checked)) if turn.is_theirs and not barred else None
    if decision is None:
        raise NotHolding(barred or holding.gone(turn))
    return decision


def act_late(
    *, person: Person, report_id: uuid.UUID, outcome: Outcome, reasons: str, shared: str = "", checked: Sequence[str] | None = None
) -> Decision:
    """Record what a former holder did whose duty lapsed. The present holder and the reporter are told; nobody's duty ends.

    Raises holding.NotYours, and NotHolding where there is no lapsed duty of theirs without a record of what they did.
    """
    given = Given(outcome, reasons, shared, checked)
    with transaction.atomic():
        turn = holding.take_turn(person=person, report_id=report_id)
        barred = disputing.barred(turn)
        if turn.is_theirs and not barred:  # it came back to them meanwhile, with their post
            return _act(turn, given)
        duty = lapsed_of(turn)
        decision = _act_late(turn, duty, given) if duty else None
    if decision is None:
        raise NotHolding(barred or holding.gone(turn))
    return decision


def lapsed_of(turn: Turn) -> Duty | None:
    """The duty this person lost to a deadline and has not yet accounted for."""
    return unaccounted(turn.person, turn.report).select_related("report", "holder__unit", "post").order_by("seq").last()


def unaccounted(person: Person, report: Report) -> QuerySet[Duty]:
    return Duty.objects.filter(report=report, holder=person, state=DutyState.LAPSED, decision=None)


def _act(turn: Turn, given: Given) -> Decision:
    duty = ensure_open(turn)
    late = turn.at >= duty.act_due_at
    refers = given.outcome == Outcome.STANDARDS and not duties.with_standards(duty)
    heard = promising.heard(turn.report, at=turn.at, again=refers)
    duty.state = DutyState.PASSED if refers else DutyState.ACTED  # one duty of a report, the last, is open or acted
    duty.acted_at, duty.ended_at, duty.next_due_at = turn.at, turn.at, None
    duty.save(update_fields=["state", "acted_at", "ended_at", "next_due_at"])
    holding.handled(turn.person, duty)
    decision, fact = _decide(turn, duty, given, late=late, kind="duty.acted", said=heard.facts)
    notices = [*heard.notices, _tell_reporter(turn, duty, given.outcome)]
    facts = [*heard.missed, fact]
    if refers:
        desk = _refer(turn, duty)
        facts.append(duties.passed_fact(desk, actor=person_actor(turn.person)))
        notices += [*notifying.notice_for(desk), notifying.told_reporter_of_pass(desk)]
    else:
        turn.report.state = ReportState.ACTED
        turn.report.save(update_fields=["state"])
    recorded = append_all(facts)
    put_all([*notices, _tell_of_receipt(turn, recorded[len(heard.missed)], refers=refers)])
    return decision


def _act_late(turn: Turn, duty: Duty, given: Given) -> Decision:
    heard = promising.heard(turn.report, at=turn.at, again=True) if turn.duty else promising.Heard()
    decision, fact = _decide(turn, duty, given, late=True, kind="duty.acted_late", said=heard.facts)
    recorded = append_all([*heard.missed, fact])
    receipt = _tell_of_receipt(turn, recorded[len(heard.missed)], refers=False)
    put_all([*heard.notices, _tell_reporter(turn, duty, given.outcome), *_tell_present_holder(turn, duty), receipt])
    return decision


def _decide(turn: Turn, duty: Duty, given: Given, *, late: bool, kind: str, said: Mapping[str, Json]) -> tuple[Decision, Entry]:
    """`said`: what the fact says of the reporter's next promise."""
    ticked = checklists.ticked(given.outcome, given.checked)
    words = {f"reasons-{duty.pk}": given.reasons, f"shared-{duty.pk}": given.shared, f"checklist-{duty.pk}": ticked.words if ticked else ""}
    sealed = seal(container=turn.report.container, values={name: text for name, text in words.items() if text})
    decision = Decision.objects.create(
        duty=duty,
        outcome=given.outcome,
        decided_by=turn.person,
        decided_at=turn.at,
        late=late,
        checked=ticked.keys if ticked else None,
    )
    unrecorded.drop(turn.person, turn.report)
    return decision, _fact(turn, duty, decision, kind, sealed, said)


def _fact(turn: Turn, duty: Duty, decision: Decision, kind: str, sealed: Mapping[str, str], said: Mapping[str, Json]) -> Entry:
    facts: dict[str, Json] = {
        "duty": duty.pk,
        "level": duty.level,
        "outcome": str(Outcome(decision.outcome).value),
        "acted_at": iso(turn.at),
        "act_due_at": iso(duty.act_due_at),
        "late": decision.late,
    }
    facts |= {"checked": list(decision.checked)} if decision.checked is not None else {}
    facts |= said
    return Entry(kind=kind, subject=turn.report.subject, actor=person_actor(turn.person), facts=facts, sealed=sealed)


def _refer(turn: Turn, duty: Duty) -> Duty:
    """The desk's duty, with the top level's deadlines: a referral ends its holder's duty and leaves the report with somebody."""
    return duties.begin_at_top(report=turn.report, why=Why.REFERRED, seq=duty.seq + 1, at=turn.at)


def _tell_reporter(turn: Turn, duty: Duty, outcome: Outcome) -> Notice:
    reference = turn.report.reference
    return notifying.told_reporter(
        turn.report,
        kind="report.acted",
        dedupe=f"report-acted:{duty.pk}",
        subject=f"What was done about your report {reference}",
        body=f"{turn.person.name_and_unit} recorded what they did about your report {reference}. Its page says what. {telling.where()}",
    )


def _tell_of_receipt(turn: Turn, acted: Fact, *, refers: bool) -> Notice:
    """The holder has proof of their own act, also of a late one, and where it `refers` the report of the hand-over: one notice for both."""
    then = ", and referred it to professional standards" if refers else ""
    return telling.ready(to=turn.person, fact=acted, title=f"You recorded what you did about report {turn.report.reference}{then}")


def _tell_present_holder(turn: Turn, late: Duty) -> list[Notice]:
    if turn.duty is None:
        return []
    reference, body = turn.report.reference, f"{turn.person.name_and_unit} held this duty before and has recorded, late, what they did."
    people = [turn.duty.holder] if turn.duty.holder else staffing.staff_of(turn.duty.post)
    hidden = duties.excluded_from(turn.report)
    return [
        Notice(
            to=person,
            kind="duty.acted_late",
            subject=f"A late record on report {reference}",
            body=body,
            link=f"/duties/{reference}/",
            dedupe=f"acted-late:{late.pk}:{person.pk}",
        )
        for person in people
        if person.pk not in hidden
    ]
