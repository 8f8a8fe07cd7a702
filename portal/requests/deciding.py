"""What takes two: one asks, with a reason; another reads it and decides. Never the same person."""

from __future__ import annotations

import uuid
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from django.db import transaction
from django.db.models import QuerySet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.record.appending import append, person_actor
from portal.record.canonical import Json
from portal.requests.asked import Asked, AskedQuerySet
from portal.vault.sealing import seal


class CannotBeDone(Exception):
    """It cannot be done as asked; the text says why."""


class HasTime(Protocol):
    """What a request is about, locked, at one reading of the database's clock."""

    @property
    def at(self) -> datetime: ...


Request = TypeVar("Request", bound=Asked)
Locked = TypeVar("Locked", bound=HasTime)


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTwo(ABC, Generic[Request, Locked]):
    """One kind of request. Each verb is in the caller's transaction but `withdraw` and `refuse`, and raises `error` where it can't be done.

    `wish`: what is asked for, as in "to open this name". `kind`: how its facts' kinds begin; `word`: what they call the request.
    `container`: where its reasons are sealed, that of a refusal under `refusal` and its key. `elsewhere`: where the second person is.
    A room says with the abstract methods what a request is about.
    """

    error: type[CannotBeDone]
    wish: str
    kind: str
    word: str
    refusal: str
    elsewhere: str
    container: Callable[[Request], uuid.UUID]
    refused: Callable[[Request], Notice]

    @abstractmethod
    def lock_any(self, person: Person, key: uuid.UUID) -> tuple[Locked, Request]:
        """What the request is about first, then the request, which nobody changes without it. Raises what the room says for no such one."""

    @abstractmethod
    def about(self, locked: Locked) -> AskedQuerySet[Request]:
        """Every request about the same."""

    @abstractmethod
    def chain(self, request: Request) -> str:
        """The subject of the facts about it."""

    @abstractmethod
    def may_ask(self, person: Person, locked: Locked) -> bool:
        """Whether this person may still be one of the two."""

    @abstractmethod
    def could_decide(self, request: Request) -> QuerySet[Person]:
        """Everybody who may be the second person."""

    def at_work(self, _person: Person, _key: uuid.UUID) -> AbstractContextManager[None]:
        """The transaction of a verb on a request that may refuse."""
        return transaction.atomic()

    def must_be_first(self, locked: Locked) -> None:
        if self.about(locked).waiting().exists():
            raise self.error(f"Somebody has already asked to {self.wish}. A second person decides.")

    def withdraw(self, *, person: Person, key: uuid.UUID) -> Request:
        """Take back one's own request. Raises what `lock_any` raises too."""
        with self.at_work(person, key):
            locked, request = self.lock_waiting(person, key)
            if request.asked_by_id != person.pk:
                raise self.error("Only the person who asked can withdraw the request. You can refuse it.")
            change(request, state=request.WITHDRAWN, decided_at=locked.at)
            self.record(request, person_actor(person), "withdrawn", {})
            return request

    def refuse(self, *, person: Person, key: uuid.UUID, reason: str) -> Request:
        """Refuse somebody else's request. Raises what `lock_any` raises too."""
        with self.at_work(person, key):
            locked, request = self.lock_waiting(person, key)
            self._must_be_another(person, request)
            change(request, state=request.REFUSED, decided_by=person, decided_at=locked.at)
            sealed = seal(container=self.container(request), values={f"{self.refusal}-{request.pk}": reason})
            self.record(request, person_actor(person), "refused", {"asked_by": person_actor(request.asked_by)}, sealed)
            put_all([self.refused(request)])
            return request

    def lock_to_grant(self, person: Person, key: uuid.UUID) -> tuple[Locked, Request]:
        """For what the second person does: also whoever asked must still be one who may."""
        locked, request = self.lock_waiting(person, key)
        self._must_be_another(person, request)
        if not self.may_ask(request.asked_by, locked):  # else one person alone would do it
            raise self.error(f"Whoever asked for this can’t {self.wish} any more. Refuse it, and ask for it yourself.")
        return locked, request

    def lock_waiting(self, person: Person, key: uuid.UUID) -> tuple[Locked, Request]:
        locked, request = self.lock_any(person, key)
        if request.state != request.WAITING:
            raise self.error(f"This request was {request.get_state_display().lower()} already.")
        return locked, request

    def record(self, request: Request, actor: str, what: str, facts: Mapping[str, Json], sealed: Mapping[str, str] | None = None) -> None:
        given = {self.word: str(request.pk), **facts}
        append(kind=f"{self.kind}.{what}", subject=self.chain(request), actor=actor, facts=given, sealed=sealed)

    def tell_deciders(self, request: Request, *, kind: str, subject: str, wish: str, link: str) -> None:
        """Everybody who could be the second person is told."""
        body = f"{request.asked_by.name_and_unit} asked to {wish}. A second person has to decide."
        notices = [
            Notice(
                to=person,
                kind=kind,
                subject=f"Somebody asked to {subject}",
                body=body,
                link=link,
                dedupe=f"{self.kind}-asked:{request.pk}:{person.pk}",
            )
            for person in self.could_decide(request)
        ]
        put_all(notices)

    def _must_be_another(self, person: Person, request: Request) -> None:
        if request.asked_by_id == person.pk:
            raise self.error(f"You asked for this, so somebody else {self.elsewhere} decides.")


def change(request: Asked, **values: object) -> None:
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=list(values))
