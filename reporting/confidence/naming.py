"""Open the name of a reporter who asked for it to be kept back: one person in professional standards asks, another decides.

Once opened, those two see it until it runs out or one of them closes it. The reporter is told at once, unless a ground in law stands
against it: then on a date that was agreed, or as soon as one of the two ends the withholding. Nothing here stands on the report's own
chain, which holders read; it is with who looked (docs/decisions/0014, 0019).
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models.functions import Now

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import now, person_actor, process_actor
from portal.record.canonical import Json, iso
from portal.requests.deciding import CannotBeDone, change
from portal.ui import words
from portal.vault.sealing import read_text, seal
from reporting import notifying
from reporting.choices import NameState, Withholding
from reporting.confidence import names
from reporting.consulting import consult
from reporting.desk import overseeing
from reporting.desk.deciding import OnReports
from reporting.desk.overseeing import Locked
from reporting.holding import NotYours
from reporting.models import NameOpening, Report

OPEN_FOR = timedelta(days=7)
WITHHELD_MOST = timedelta(days=90)
WORKER = process_actor("worker")


class CannotOpen(CannotBeDone):
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
    with overseeing.at_work(person, report_id):
        locked = _lock(person, report_id)
        _can_ask(locked, withheld)
        opening = NameOpening(report=locked.report, asked_by=person, asked_at=locked.at)
        if withheld is not None:
            opening.withholding, opening.withheld_until = withheld.ground, withheld.until
        opening.save(force_insert=True)
        kept = {f"name-reason-{opening.pk}": reason} | ({f"name-withheld-{opening.pk}": withheld.reason} if withheld else {})
        sealed = seal(container=locked.report.container, values=kept)
        REQUESTS.record(opening, person_actor(person), "asked", _withholding(opening), sealed)
        reference, wish = locked.report.reference, "open the name of whoever sent it"
        subject = f"open the reporter’s name on report {reference}"
        REQUESTS.tell_deciders(opening, kind="report.name_asked", subject=subject, wish=wish, link=f"/standards/{reference}/name/")
        return opening


def open_name(*, person: Person, key: uuid.UUID, tell_now: bool) -> NameOpening:
    """Open the name as a second person. `tell_now`: tell the reporter at once, also where withholding was asked for.

    Raises holding.NotYours, Erased, and CannotOpen for one's own request, where it was decided already, and where whoever asked is not in
    professional standards any more or must not know of the report by now.
    """
    with REQUESTS.at_work(person, key):
        locked, opening = REQUESTS.lock_to_grant(person, key)
        change(opening, state=NameState.OPENED, decided_by=person, decided_at=locked.at, open_until=locked.at + OPEN_FOR)
        if tell_now:
            change(opening, withholding="", withheld_until=None)
        given: dict[str, Json] = {"asked_by": person_actor(opening.asked_by), "open_until": iso(locked.at + OPEN_FOR)}
        REQUESTS.record(opening, person_actor(person), "opened", given | _withholding(opening))
        put_all([_answer(opening, "was opened")])
        if opening.withheld_until is None:
            _tell(opening, person_actor(person), locked.at)
        return opening


def close(*, person: Person, key: uuid.UUID) -> NameOpening:
    """One of the two needs the name no longer: neither sees it from now on. Raises holding.NotYours, Erased and CannotOpen."""
    with REQUESTS.at_work(person, key):
        locked, opening = _lock_own(person, key)
        if opening.state != NameState.OPENED or opening.open_until is None or opening.open_until <= locked.at:
            raise CannotOpen("The name is closed already.")
        change(opening, state=NameState.CLOSED)
        REQUESTS.record(opening, person_actor(person), "closed", {})
        return opening


def end_withholding(*, person: Person, key: uuid.UUID) -> NameOpening:
    """One of the two finds that the reporter may be told by now. Raises holding.NotYours, Erased and CannotOpen."""
    with REQUESTS.at_work(person, key):
        locked, opening = _lock_own(person, key)
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


def _lock_own(person: Person, key: uuid.UUID) -> tuple[Locked, NameOpening]:
    locked, opening = REQUESTS.lock_any(person, key)
    if person.pk not in (opening.asked_by_id, opening.decided_by_id):
        raise NotYours
    return locked, opening


def _can_ask(locked: Locked, withheld: Withheld | None) -> None:
    if names.standing_for(locked.person, locked.report) is not None:
        raise CannotOpen("You can see the name already.")
    REQUESTS.must_be_first(locked)
    if withheld is not None and not locked.at < withheld.until <= locked.at + WITHHELD_MOST:
        raise CannotOpen(f"Enter a day in the next {WITHHELD_MOST.days} days on which the reporter is told.")


def _withholding(opening: NameOpening) -> dict[str, Json]:
    if opening.withheld_until is None:
        return {}
    return {"ground": str(opening.withholding), "withheld_until": iso(opening.withheld_until)}


def _tell_due(key: uuid.UUID, report_id: uuid.UUID) -> bool:
    with transaction.atomic():
        report = Report.objects.select_for_update(no_key=True).get(pk=report_id)
        opening = NameOpening.objects.select_for_update(no_key=True).get(pk=key)
        opening.report = report
        if not opening.is_untold:
            return False
        _tell(opening, WORKER, now())
        return True


def _tell(opening: NameOpening, actor: str, at: datetime) -> None:
    """The reporter is told, once. `decided_at` is when the name was opened."""
    change(opening, reporter_told_at=at)
    opened_at, withheld = opening.decided_at or at, opening.withheld_until is not None
    REQUESTS.record(opening, actor, "told", {"opened_at": iso(opened_at), "withheld": withheld})
    put_all([_told(opening, opened_at, withheld=withheld)])


def _told(opening: NameOpening, opened_at: datetime, *, withheld: bool) -> Notice:
    reference = opening.report.reference
    later = " The law allowed this to be held back from you until now." if withheld else ""
    return notifying.told_reporter(
        opening.report,
        kind="report.name_opened",
        dedupe=f"name-opened:{opening.pk}",
        subject=f"Professional standards opened your name on report {reference}",
        body=(
            f"At {words.moment(opened_at)} two people in professional standards opened the name of whoever sent report {reference}, "
            f"for a reason that is on the record. Whoever holds the duty is still not told it.{later}"
        ),
    )


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


REQUESTS = OnReports(
    model=NameOpening,
    error=CannotOpen,
    wish="open this name",
    kind="name",
    word="opening",
    refusal="name-refusal",
    container=lambda opening: opening.report.container,
    lock=_lock,
    refused=lambda opening: _answer(opening, "was refused"),
)
withdraw, refuse = REQUESTS.withdraw, REQUESTS.refuse
