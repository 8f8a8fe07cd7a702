"""Erase sealed words: one person asks, with a ground and a reason; another reads the reason and erases, or refuses.

What goes: the key of their container with every value, salt, file and paper copy sealed in it. What stays: the facts, which hold keys,
times and hashes that say nothing without their salts; the rows, which say who asked or closed what and when; notices, which hold none of
the words; and the reason, sealed in a container of its own. Receipts, chains and the tree verify as before.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse

from portal.erasure import kinds
from portal.erasure.kinds import Room, Words
from portal.erasure.models import Erasure
from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import append, now, person_actor
from portal.record.canonical import Json, iso
from portal.requests.asked import AskedQuerySet
from portal.requests.choices import ErasureState, Ground
from portal.requests.deciding import ByTwo, CannotBeDone, change
from portal.requests.reasons import commitment_of, seal_reason
from portal.requests.retention import retention_cutoff
from portal.vault import sealing


class NotYours(Exception):
    """There are no such words for this person to have erased."""


class CannotErase(CannotBeDone):
    """It cannot be done as asked; the text says why."""


@dataclass(frozen=True, slots=True)
class Locked:
    """Words whose row is locked, at one reading of the database's clock."""

    room: Room
    row: Any
    words: Words
    at: datetime


def ask_to_erase(*, person: Person, kind: str, key: str, ground: Ground, reason: str) -> Erasure:
    """Ask for an erasure, which a second person decides.

    Raises NotYours, sealing.Erased, and CannotErase where the ground does not hold or somebody has asked already.
    """
    with transaction.atomic():
        locked = lock(person, kind, key)
        _must_hold(ground, locked)
        REQUESTS.must_be_first(locked)
        words, container = locked.words, sealing.open_container(purpose="erasure")
        erasure = Erasure(kind=kind, key=words.key, words=words.container, container=container, ground=ground)
        erasure.asked_by, erasure.asked_at = person, locked.at
        erasure.save(force_insert=True)
        REQUESTS.record(erasure, person_actor(person), "asked", _of(words, ground), seal_reason(erasure, reason))
        kind, wish = f"{locked.room.notices}.erasure_asked", f"erase {words.plain}"
        REQUESTS.tell_deciders(erasure, kind=kind, subject=wish, wish=wish, link=address(erasure))
        return erasure


def erase(*, person: Person, key: uuid.UUID) -> Erasure:
    """Destroy the words, as a second person. What is destroyed cannot be brought back.

    Raises NotYours, sealing.Erased, and CannotErase for one's own request, or where the ground does not hold any more or whoever asked may
    not ask any more.
    """
    with transaction.atomic():
        locked, erasure = REQUESTS.lock_to_grant(person, key)
        _must_hold(Ground(erasure.ground), locked)
        sealing.erase(locked.words.container)
        change(erasure, state=ErasureState.DONE, decided_by=person, decided_at=locked.at)
        _record(erasure, locked, by=person)
        put_all([_answer(erasure, "were erased, as you asked"), *_writers(erasure, locked)])
        return erasure


def lock(person: Person, kind: str, key: str) -> Locked:
    """The row first: whoever writes into the container, or decides, waits. Raises NotYours and sealing.Erased."""
    room, row = kinds.room(kind), kinds.row(person, kind, key, locked=True)
    if room is None or row is None:
        raise NotYours
    words = room.words(row)
    if sealing.is_erased(words.container):
        raise sealing.Erased(words.name)
    return Locked(room, row, words, now())


def address(erasure: Erasure) -> str:
    return reverse("erasure:one", args=[erasure.kind, erasure.key])


@dataclass(frozen=True, slots=True, kw_only=True)
class OnWords(ByTwo[Erasure, Locked]):
    """Requests about sealed words. Every verb raises NotYours and sealing.Erased too."""

    def lock_any(self, person: Person, key: uuid.UUID) -> tuple[Locked, Erasure]:
        asked = Erasure.objects.filter(pk=key).first()
        if asked is None:
            raise NotYours
        locked = lock(person, asked.kind, asked.key)
        return locked, Erasure.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by__unit").get(pk=key)

    def about(self, locked: Locked) -> AskedQuerySet[Erasure]:
        return Erasure.objects.of(locked.words.container)

    def chain(self, request: Erasure) -> str:
        return request.requests

    def may_ask(self, person: Person, locked: Locked) -> bool:
        return kinds.row(person, locked.words.kind, locked.words.key) is not None

    def could_decide(self, request: Erasure) -> QuerySet[Person]:
        """Everybody who may be the second person; nobody where whoever asked may not ask any more."""
        room, row = kinds.room(request.kind), kinds.row(request.asked_by, request.kind, request.key)
        may: QuerySet[Person] = Person.objects.none() if room is None or row is None else room.words(row).deciders
        return may.exclude(pk=request.asked_by_id).order_by("pk")


def _must_hold(ground: Ground, locked: Locked) -> None:
    if ground != Ground.RETENTION:
        return
    noun = locked.room.noun
    if locked.words.closed_at is None:
        raise CannotErase(f"Somebody still has to deal with this {noun}. It can be erased under a lawful order only.")
    if not locked.words.closed_before(retention_cutoff(locked.at)):
        raise CannotErase(f"This {noun} was not closed {settings.RETENTION_YEARS} years ago. It can be erased under a lawful order only.")


def _of(words: Words, ground: Ground) -> dict[str, Json]:
    return {"of": words.name, "ground": str(ground.value)}


def _record(erasure: Erasure, locked: Locked, *, by: Person) -> None:
    """On the chain that says that there were such words; requests have one of their own."""
    facts: dict[str, Json] = {
        "erasure": str(erasure.pk),
        "container": str(erasure.words),
        **_of(locked.words, Ground(erasure.ground)),
        "asked_by": person_actor(erasure.asked_by),
        "approved_by": person_actor(by),
        "erased_at": iso(locked.at),
    }
    append(kind="words.erased", subject=locked.words.subject, actor=person_actor(by), facts=facts, sealed=commitment_of(erasure))


def _answer(erasure: Erasure, said: str) -> Notice:
    decided_by = erasure.decided_by.name_and_unit if erasure.decided_by else ""
    return Notice(
        to=erasure.asked_by,
        kind=f"{kinds.registered(erasure.kind).notices}.erasure_decided",
        subject=f"The words you asked to erase {said}",
        body=f"The words you asked to erase {said}. {decided_by} decided it.",
        link=address(erasure),
        dedupe=f"words-decided:{erasure.pk}",
    )


def _writers(erasure: Erasure, locked: Locked) -> list[Notice]:
    """Whose words they were is told, unless they asked or decided themselves."""
    two, plain = (erasure.asked_by_id, erasure.decided_by_id), locked.words.plain
    return [
        Notice(
            to=person,
            kind=f"{locked.room.notices}.erased",
            subject=f"What you wrote was erased: {plain}",
            body=f"What was written in {plain} was erased under {erasure.get_ground_display().lower()}. Nobody can read it any more.",
            link=locked.room.page(locked.row, person) or "/",
            dedupe=f"words-erased:{erasure.pk}:{person.pk}",
        )
        for person in locked.words.writers
        if person.pk not in two
    ]


REQUESTS = OnWords(
    error=CannotErase,
    wish="erase these words",
    kind="erasure",
    word="erasure",
    refusal="refusal",
    elsewhere="who may erase them",
    container=lambda erasure: erasure.container,
    refused=lambda erasure: _answer(erasure, "were not: your request was refused"),
)
withdraw, refuse = REQUESTS.withdraw, REQUESTS.refuse
