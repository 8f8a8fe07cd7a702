"""Open the name of a reporter who asked for it to be kept back: one person in professional standards asks, another decides.

Once opened, those two see it until it runs out or one of them closes it. The reporter is told at once, unless a ground in law stands
against it: then on a date that was agreed, or as soon as one of the two ends the withholding. Nothing here stands on the report's own
chain, which holders read; it is with who looked (docs/decisions/0014, 0019).
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import append, now, person_actor, process_actor
from portal.record.canonical import Json, iso
from portal.ui import words
from portal.vault.sealing import read_text, seal
from reporting import duty as duties
from reporting.choices import NameState, Withholding
from reporting.confidence import names
from reporting.consulting import consult
from reporting.desk import overseeing
from reporting.desk.overseeing import Locked
from reporting.erasure.erasing import could_decide
from reporting.holding import NotYours
from reporting.models import NameOpening, Report

OPEN_FOR = timedelta(days=7)
WITHHELD_MOST = timedelta(days=90)
WORKER = process_actor("worker")


class CannotOpen(Exception):
    """It cannot be done as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why the reporter is not told before `until`."""

    ground: Withholding
    reason: str
    until: datetime


def ask_to_open(*, person: Person, report_id: uuid.UUID, reason: str, withheld: Withheld | None = None) -> NameOpening:
    """Ask for a name to be opened, which a second person decides.

    Raises holding.NotYours for whoever is not in professional standards or must not know of the report, and where the name is not kept
    back; Erased; and CannotOpen.
    """
    with transaction.atomic():
        locked = _lock(person, report_id)
        _can_ask(locked, withheld)
        opening = NameOpening(report=locked.report, asked_by=person, asked_at=locked.at)
        if withheld is not None:
            opening.withholding, opening.withheld_until = withheld.ground, withheld.until
        opening.save(force_insert=True)
        kept = {f"name-reason-{opening.pk}": reason} | ({f"name-withheld-{opening.pk}": withheld.reason} if withheld else {})
        sealed = seal(container=locked.report.container, values=kept)
        _record(opening, person_actor(person), "name.asked", _withholding(opening), sealed)
        put_all(_asked_notices(opening))
        return opening


def withdraw(*, person: Person, opening_id: uuid.UUID) -> NameOpening:
    """Take back one's own request. Raises holding.NotYours, Erased and CannotOpen."""
    with transaction.atomic():
        locked, opening = _lock_request(person, opening_id, NameState.ASKED)
        if opening.asked_by_id != person.pk:
            raise CannotOpen("Only the person who asked can withdraw the request. You can refuse it.")
        _change(opening, state=NameState.WITHDRAWN, decided_at=locked.at)
        _record(opening, person_actor(person), "name.withdrawn", {})
        return opening


def refuse(*, person: Person, opening_id: uuid.UUID, reason: str) -> NameOpening:
    """Refuse somebody else's request. Raises holding.NotYours, Erased, and CannotOpen for one's own or where it was decided already."""
    with transaction.atomic():
        locked, opening = _lock_request(person, opening_id, NameState.ASKED)
        _must_be_another(person, opening)
        _change(opening, state=NameState.REFUSED, decided_by=person, decided_at=locked.at)
        sealed = seal(container=locked.report.container, values={f"name-refusal-{opening.pk}": reason})
        _record(opening, person_actor(person), "name.refused", {"asked_by": person_actor(opening.asked_by)}, sealed)
        put_all([_answer(opening, "was refused")])
        return opening


def open_name(*, person: Person, opening_id: uuid.UUID, tell_now: bool) -> NameOpening:
    """Open the name as a second person. `tell_now`: tell the reporter at once, also where withholding was asked for.

    Raises holding.NotYours, Erased, and CannotOpen for one's own request, where it was decided already, and where whoever asked is not in
    professional standards any more or must not know of the report by now.
    """
    with transaction.atomic():
        locked, opening = _lock_request(person, opening_id, NameState.ASKED)
        _must_be_another(person, opening)
        if not overseeing.may_oversee(opening.asked_by, locked.report):  # else one person alone would open it
            raise CannotOpen("Whoever asked for this can’t see this report any more. Refuse it, and ask for it yourself.")
        _change(opening, state=NameState.OPENED, decided_by=person, decided_at=locked.at, open_until=locked.at + OPEN_FOR)
        if tell_now:
            _change(opening, withholding="", withheld_until=None)
        given: dict[str, Json] = {"asked_by": person_actor(opening.asked_by), "open_until": iso(locked.at + OPEN_FOR)}
        _record(opening, person_actor(person), "name.opened", given | _withholding(opening))
        put_all([_answer(opening, "was opened")])
        if opening.withheld_until is None:
            _tell(opening, person_actor(person), locked.at)
        return opening


def close(*, person: Person, opening_id: uuid.UUID) -> NameOpening:
    """One of the two needs the name no longer: neither sees it from now on. Raises holding.NotYours, Erased and CannotOpen."""
    with transaction.atomic():
        locked, opening = _lock_own(person, opening_id)
        if opening.state != NameState.OPENED or opening.open_until is None or opening.open_until <= locked.at:
            raise CannotOpen("The name is closed already.")
        _change(opening, state=NameState.CLOSED)
        _record(opening, person_actor(person), "name.closed", {})
        return opening


def end_withholding(*, person: Person, opening_id: uuid.UUID) -> NameOpening:
    """One of the two finds that the reporter may be told by now. Raises holding.NotYours, Erased and CannotOpen."""
    with transaction.atomic():
        locked, opening = _lock_own(person, opening_id)
        if not opening.is_untold:
            raise CannotOpen("The reporter was told already.")
        _tell(opening, person_actor(person), locked.at)
        return opening


def tell_due() -> int:
    """Tell every reporter whose withholding has run out by the database's clock, also of erased reports; return how many."""
    due = NameOpening.objects.untold().filter(withheld_until__lte=Now()).values_list("pk", "report")
    return sum(_tell_due(opening, report) for opening, report in list(due))


def show(person: Person, report: Report) -> bool:
    """Whether the page may name the reporter to this person. Where the name is kept back, that they were shown it is a consultation."""
    shown = names.sees_reporter(person, report)
    if shown and report.confidential:
        consult(person=person, report=report, why="name")
    return shown


def deciders(opening: NameOpening) -> QuerySet[Person]:
    """Everybody who may be the second person."""
    return could_decide(opening)


def words_of(opening: NameOpening) -> dict[str, str]:
    """Why it was asked for under "reason", and why the reporter is not to be told under "withheld"."""
    asked = {"reason": f"name-reason-{opening.pk}"} | ({"withheld": f"name-withheld-{opening.pk}"} if opening.withholding else {})
    read = read_text(opening.report.container, *asked.values())
    return {word: read[name] for word, name in asked.items()}


def _lock(person: Person, report_id: uuid.UUID) -> Locked:
    locked = overseeing.lock(person, report_id)
    if not locked.report.confidential:
        raise NotYours
    return locked


def _lock_request(person: Person, opening_id: uuid.UUID, state: NameState | None = None) -> tuple[Locked, NameOpening]:
    """The report first, then the request, which nobody changes without the report."""
    report_id = NameOpening.objects.filter(pk=opening_id).values_list("report", flat=True).first()
    if report_id is None:
        raise NotYours
    locked = _lock(person, report_id)
    opening = NameOpening.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by__unit").get(pk=opening_id)
    opening.report = locked.report
    if state is not None and opening.state != state:
        raise CannotOpen(f"This request was {NameState(opening.state).label.lower()} already.")
    return locked, opening


def _lock_own(person: Person, opening_id: uuid.UUID) -> tuple[Locked, NameOpening]:
    locked, opening = _lock_request(person, opening_id)
    if person.pk not in (opening.asked_by_id, opening.decided_by_id):
        raise NotYours
    return locked, opening


def _can_ask(locked: Locked, withheld: Withheld | None) -> None:
    if names.standing_for(locked.person, locked.report) is not None:
        raise CannotOpen("You can see the name already.")
    if NameOpening.objects.waiting().filter(report=locked.report).exists():
        raise CannotOpen("Somebody has already asked to open this name. A second person decides.")
    if withheld is not None and not locked.at < withheld.until <= locked.at + WITHHELD_MOST:
        raise CannotOpen(f"Enter a day in the next {WITHHELD_MOST.days} days on which the reporter is told.")


def _must_be_another(person: Person, opening: NameOpening) -> None:
    if opening.asked_by_id == person.pk:
        raise CannotOpen("You asked for this, so somebody else in professional standards decides.")


def _change(opening: NameOpening, **values: object) -> None:
    for name, value in values.items():
        setattr(opening, name, value)
    opening.save(update_fields=list(values))


def _withholding(opening: NameOpening) -> dict[str, Json]:
    if opening.withheld_until is None:
        return {}
    return {"ground": str(opening.withholding), "withheld_until": iso(opening.withheld_until)}


def _record(opening: NameOpening, actor: str, kind: str, facts: Mapping[str, Json], sealed: Mapping[str, str] | None = None) -> None:
    append(kind=kind, subject=opening.report.consultations, actor=actor, facts={"opening": str(opening.pk), **facts}, sealed=sealed)


def _tell_due(opening_id: uuid.UUID, report_id: uuid.UUID) -> bool:
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        opening = NameOpening.objects.select_for_update(no_key=True).get(pk=opening_id)
        opening.report = report
        if not opening.is_untold:
            return False
        _tell(opening, WORKER, now())
        return True


def _tell(opening: NameOpening, actor: str, at: datetime) -> None:
    """The reporter is told, once. `decided_at` is when the name was opened."""
    _change(opening, reporter_told_at=at)
    opened_at, withheld = opening.decided_at or at, opening.withheld_until is not None
    _record(opening, actor, "name.told", {"opened_at": iso(opened_at), "withheld": withheld})
    put_all([_told(opening, opened_at, withheld=withheld)])


def _told(opening: NameOpening, opened_at: datetime, *, withheld: bool) -> Notice:
    reference = opening.report.reference
    later = " The law allowed this to be held back from you until now." if withheld else ""
    return duties.told_reporter(
        opening.report,
        kind="report.name_opened",
        dedupe=f"name-opened:{opening.pk}",
        subject=f"Professional standards opened your name on report {reference}",
        body=(
            f"At {words.moment(opened_at)} two people in professional standards opened the name of whoever sent report {reference}, "
            f"for a reason that is on the record. Whoever holds the duty is still not told it.{later}"
        ),
    )


def _asked_notices(opening: NameOpening) -> list[Notice]:
    """Everybody who could be the second person is told."""
    reference = opening.report.reference
    return [
        Notice(
            to=person,
            kind="report.name_asked",
            subject=f"Somebody asked to open the reporter’s name on report {reference}",
            body=f"{opening.asked_by.name_and_unit} asked to open the name of whoever sent it. A second person has to decide.",
            link=f"/standards/{reference}/name/",
            dedupe=f"name-asked:{opening.pk}:{person.pk}",
        )
        for person in deciders(opening)
    ]


def _answer(opening: NameOpening, said: str) -> Notice:
    decided_by = opening.decided_by.name_and_unit if opening.decided_by else ""
    reference = opening.report.reference
    return Notice(
        to=opening.asked_by,
        kind="report.name_decided",
        subject=f"The reporter’s name on report {reference} {said}",
        body=f"You asked for the reporter’s name on report {reference}. {decided_by} decided: it {said}.",
        link=f"/standards/{reference}/name/",
        dedupe=f"name-decided:{opening.pk}",
    )
