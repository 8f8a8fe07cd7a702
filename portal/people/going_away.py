"""Go away: say from when to when somebody is away and who stands in for them; change that; come back early. Officers on their page and
administrators in the admin go through here, so that the record holds the same facts of both.

The person's row is locked first, so that two absences recorded at once can't overlap. Every change is a fact of its own. The deputy is
told, and so is the person where somebody else wrote it down. No duty moves by any of it (docs/decisions/0018).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.notices.outbox import Notice, put_all
from portal.people.absence import overlapping
from portal.people.models import Absence, Person
from portal.record.appending import append, now, person_actor
from portal.record.canonical import iso
from portal.record.models import Fact
from portal.ui import words

PAGE = "/absence/"


class CannotBeAway(Exception):
    """The absence cannot be kept like this; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """From when to when, and who stands in; None where nobody does."""

    starts_at: datetime
    ends_at: datetime
    deputy: Person | None = None


def declare(*, by: Person, person: Person, stretch: Stretch) -> Absence:
    """Record that `person` will be away. Raises CannotBeAway."""
    with transaction.atomic():
        _check(person, stretch, by=by)
        absence = Absence.objects.create(person=person, starts_at=stretch.starts_at, ends_at=stretch.ends_at, deputy=stretch.deputy)
        fact = _tell_record("absence.recorded", by, absence)
        put_all([*_told_deputy(fact, absence, _STANDS_IN), *_told_person(fact, absence, by, "An absence of yours was recorded")])
    return absence


def change(*, by: Person, absence_id: int, stretch: Stretch) -> Absence:
    """Change when somebody is away, or who stands in. Raises CannotBeAway, and Absence.DoesNotExist where it was taken back."""
    with transaction.atomic():
        absence = _lock(absence_id)
        before = Stretch(starts_at=absence.starts_at, ends_at=absence.ends_at, deputy=absence.deputy)
        if before == stretch:
            return absence
        _check(absence.person, stretch, by=by, absence=absence)
        absence.starts_at, absence.ends_at, absence.deputy = stretch.starts_at, stretch.ends_at, stretch.deputy
        absence.save(update_fields=["starts_at", "ends_at", "deputy"])
        fact = _tell_record("absence.changed", by, absence)
        told = _told_person(fact, absence, by, "An absence of yours was changed")
        put_all([*_told_deputies_of_change(fact, absence, before.deputy), *told])
    return absence


def end(*, by: Person, absence_id: int) -> bool:
    """Come back now, or take back an absence that has not begun. Return whether anything changed: what is over stays as it was."""
    with transaction.atomic():
        absence, at = _lock(absence_id), now()
        if absence.ends_at <= at:
            return False
        begun = absence.starts_at < at
        if begun:
            absence.ends_at = at
            absence.save(update_fields=["ends_at"])
        fact = _tell_record("absence.ended" if begun else "absence.removed", by, absence)
        told = _told_person(fact, absence, by, "An absence of yours was ended" if begun else "An absence of yours was taken back")
        put_all([*_told_deputy(fact, absence, _NO_LONGER), *told])
        if not begun:
            absence.delete()
    return True


def remove(*, by: Person, absence_id: int) -> None:
    """Take an absence out of the list, past ones too: for administrators, who clear up. The facts stay."""
    with transaction.atomic():
        absence = _lock(absence_id)
        fact = _tell_record("absence.removed", by, absence)
        if absence.ends_at > now():
            put_all([*_told_deputy(fact, absence, _NO_LONGER), *_told_person(fact, absence, by, "An absence of yours was taken back")])
        absence.delete()


def refusal(*, by: Person, person: Person, stretch: Stretch, absence: Absence | None = None) -> str:
    """Why this absence cannot be kept, in a sentence, or nothing. `absence`: the one that is changed."""
    if stretch.ends_at <= stretch.starts_at:
        return "The absence must end after it starts."
    if stretch.deputy is not None and stretch.deputy.pk == person.pk:
        return "Nobody stands in for themselves. Choose somebody else as deputy."
    if stretch.deputy is not None and stretch.deputy.pk == by.pk and (absence is None or absence.deputy_id != by.pk):
        return "You cannot make yourself a deputy. Ask another administrator."
    if other := overlapping(person, stretch.starts_at, stretch.ends_at, but=absence):
        return f"There is an absence from {words.moment(other.starts_at)} to {words.moment(other.ends_at)} already. Change that one."
    return ""


def _check(person: Person, stretch: Stretch, *, by: Person, absence: Absence | None = None) -> None:
    Person.objects.select_for_update(no_key=True).get(pk=person.pk)
    if why := refusal(by=by, person=person, stretch=stretch, absence=absence):
        raise CannotBeAway(why)


def _lock(absence_id: int) -> Absence:
    """The person's row, then the absence."""
    person = Absence.objects.values_list("person", flat=True).get(pk=absence_id)
    Person.objects.select_for_update(no_key=True).get(pk=person)
    return Absence.objects.select_related("person__unit", "deputy__unit").get(pk=absence_id)


def _tell_record(kind: str, by: Person, absence: Absence) -> Fact:
    return append(
        kind=kind,
        subject=f"absence:{absence.pk}",
        actor=person_actor(by),
        facts={
            "person": str(absence.person_id),
            "starts_at": iso(absence.starts_at),
            "ends_at": iso(absence.ends_at),
            "deputy": str(absence.deputy_id) if absence.deputy_id else None,
        },
    )


_STANDS_IN = "You stand in for {name}", "From {start} to {end}, duties that would go to {name} may come to you."
_NO_LONGER = "You no longer stand in for {name}", "{name} is not away any more, or chose somebody else. Duties that you hold stay with you."
_OTHER_TIMES = "The time in which you stand in for {name} changed", "You stand in from {start} to {end}."


def _told_deputies_of_change(fact: Fact, absence: Absence, before: Person | None) -> list[Notice]:
    if before == absence.deputy:
        return _told_deputy(fact, absence, _OTHER_TIMES)
    return [*_told(fact, absence, before, _NO_LONGER), *_told_deputy(fact, absence, _STANDS_IN)]


def _told_deputy(fact: Fact, absence: Absence, said: tuple[str, str]) -> list[Notice]:
    return _told(fact, absence, absence.deputy, said)


def _told(fact: Fact, absence: Absence, deputy: Person | None, said: tuple[str, str]) -> list[Notice]:
    if deputy is None or not deputy.is_active:
        return []
    words_for = {
        "name": absence.person.name_and_unit,
        "start": words.moment(max(absence.starts_at, fact.at)),  # nobody stands in before it is recorded
        "end": words.moment(absence.ends_at),
    }
    subject, body = (text.format(**words_for) for text in said)
    return [
        Notice(to=deputy, kind="absence.deputy", subject=subject, body=body, link=PAGE, dedupe=f"absence:{fact.pk}:{deputy.pk}"),
    ]


def _told_person(fact: Fact, absence: Absence, by: Person, subject: str) -> list[Notice]:
    """Whoever is away hears of it when somebody else wrote it down."""
    if by.pk == absence.person_id or not absence.person.is_active:
        return []
    body = f"By {by.name_and_unit}: from {words.moment(absence.starts_at)} to {words.moment(absence.ends_at)}. If that is wrong, change it."
    dedupe = f"absence:{fact.pk}:{absence.person_id}"
    return [Notice(to=absence.person, kind="absence.own", subject=subject, body=body, link=PAGE, dedupe=dedupe)]
