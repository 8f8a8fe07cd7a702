"""What takes two people in professional standards: one asks, with a reason; another reads it and decides.

`erasure.erasing` and `confidence.naming` say what is asked for and what follows. Nothing here stands on the report's own chain, which
its reporter and holders read: it is with who looked.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db.models import QuerySet

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role
from portal.record.appending import append, person_actor
from portal.record.canonical import Json
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting.desk.overseeing import Locked, at_work, may_oversee
from reporting.holding import NotYours
from reporting.models import Erasure, NameOpening

Request = TypeVar("Request", Erasure, NameOpening)


class CannotBeDone(Exception):
    """It cannot be done as asked; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTwo(Generic[Request]):
    """One kind of request. Each verb is in the caller's transaction but `withdraw` and `refuse`, and raises `error` where it can't be done.

    `wish`: what is asked for, as in "to open this name". `kind`: how its facts' kinds begin; `word`: what they call the request.
    `container`: where its reasons are sealed, that of a refusal under `refusal` and its key. `lock`: as `overseeing.lock`.
    """

    model: type[Request]
    error: type[CannotBeDone]
    wish: str
    kind: str
    word: str
    refusal: str
    container: Callable[[Request], uuid.UUID]
    lock: Callable[[Person, uuid.UUID], Locked]
    refused: Callable[[Request], Notice]

    def must_be_first(self, locked: Locked) -> None:
        if self.model.objects.waiting().filter(report=locked.report).exists():
            raise self.error(f"Somebody has already asked to {self.wish}. A second person decides.")

    def withdraw(self, *, person: Person, key: uuid.UUID) -> Request:
        """Take back one's own request. Raises holding.NotYours and Erased too."""
        with self.at_work(person, key):
            locked, request = self.lock_waiting(person, key)
            if request.asked_by_id != person.pk:
                raise self.error("Only the person who asked can withdraw the request. You can refuse it.")
            change(request, state=request.WITHDRAWN, decided_at=locked.at)
            self.record(request, person_actor(person), "withdrawn", {})
            return request

    def refuse(self, *, person: Person, key: uuid.UUID, reason: str) -> Request:
        """Refuse somebody else's request. Raises holding.NotYours and Erased too."""
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
        if not may_oversee(request.asked_by, locked.report):  # else one person alone would do it
            raise self.error("Whoever asked for this can’t see this report any more. Refuse it, and ask for it yourself.")
        return locked, request

    def lock_waiting(self, person: Person, key: uuid.UUID) -> tuple[Locked, Request]:
        locked, request = self.lock_any(person, key)
        if request.state != request.WAITING:
            raise self.error(f"This request was {request.get_state_display().lower()} already.")
        return locked, request

    def at_work(self, person: Person, key: uuid.UUID) -> AbstractContextManager[None]:
        """The transaction of a verb on a request that may refuse: see `overseeing.at_work`."""
        report_id = self._report_of(key)
        return at_work(person, *([report_id] if report_id else []))

    def lock_any(self, person: Person, key: uuid.UUID) -> tuple[Locked, Request]:
        """The report first, then the request, which nobody changes without the report."""
        report_id = self._report_of(key)
        if report_id is None:
            raise NotYours
        locked = self.lock(person, report_id)
        request = self.model.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by__unit").get(pk=key)
        request.report = locked.report
        return locked, request

    def _report_of(self, key: uuid.UUID) -> uuid.UUID | None:
        return self.model.objects.filter(pk=key).values_list("report", flat=True).first()

    def record(self, request: Request, actor: str, what: str, facts: Mapping[str, Json], sealed: Mapping[str, str] | None = None) -> None:
        given = {self.word: str(request.pk), **facts}
        append(kind=f"{self.kind}.{what}", subject=request.report.consultations, actor=actor, facts=given, sealed=sealed)

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
            for person in could_decide(request)
        ]
        put_all(notices)

    def _must_be_another(self, person: Person, request: Request) -> None:
        if request.asked_by_id == person.pk:
            raise self.error("You asked for this, so somebody else in professional standards decides.")


def change(request: Erasure | NameOpening, **values: object) -> None:
    for name, value in values.items():
        setattr(request, name, value)
    request.save(update_fields=list(values))


def could_decide(request: Erasure | NameOpening) -> QuerySet[Person]:
    """Everybody who may be the second person."""
    hidden = duties.excluded_from(request.report) | {request.asked_by_id}
    standards: QuerySet[Person] = Person.objects.active().filter(groups__name=Role.PROFESSIONAL_STANDARDS).exclude(pk__in=hidden)
    return standards.order_by("pk")
