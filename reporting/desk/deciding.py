"""What takes two people in professional standards: one asks, with a reason; another reads it and decides.

`erasure.erasing` and `confidence.naming` say what is asked for and what follows. Nothing here stands on the report's own chain, which
its reporter and holders read: it is with who looked.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TypeVar

from django.db.models import QuerySet

from portal.people.models import Person, Role
from portal.requests.asked import AskedQuerySet
from portal.requests.deciding import ByTwo
from reporting import duty as duties
from reporting.desk.overseeing import Locked, at_work, may_oversee
from reporting.holding import NotYours
from reporting.models import Erasure, NameOpening

Request = TypeVar("Request", Erasure, NameOpening)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnReports(ByTwo[Request, Locked]):
    """Requests about reports. `lock`: as `overseeing.lock`; with it every verb raises holding.NotYours and Erased too."""

    model: type[Request]
    lock: Callable[[Person, uuid.UUID], Locked]
    elsewhere: str = "in professional standards"

    def lock_any(self, person: Person, key: uuid.UUID) -> tuple[Locked, Request]:
        report_id = self._report_of(key)
        if report_id is None:
            raise NotYours
        locked = self.lock(person, report_id)
        request = self.model.objects.select_for_update(no_key=True, of=("self",)).select_related("asked_by__unit").get(pk=key)
        request.report = locked.report
        return locked, request

    def about(self, locked: Locked) -> AskedQuerySet[Request]:
        return self.model.objects.filter(report=locked.report)

    def chain(self, request: Request) -> str:
        return request.report.consultations

    def may_ask(self, person: Person, locked: Locked) -> bool:
        return may_oversee(person, locked.report)

    def could_decide(self, request: Request) -> QuerySet[Person]:
        return could_decide(request)

    def at_work(self, person: Person, key: uuid.UUID) -> AbstractContextManager[None]:
        """See `overseeing.at_work`."""
        report_id = self._report_of(key)
        return at_work(person, *([report_id] if report_id else []))

    def _report_of(self, key: uuid.UUID) -> uuid.UUID | None:
        return self.model.objects.filter(pk=key).values_list("report", flat=True).first()


def could_decide(request: Erasure | NameOpening) -> QuerySet[Person]:
    """Everybody who may be the second person."""
    hidden = duties.excluded_from(request.report) | {request.asked_by_id}
    standards: QuerySet[Person] = Person.objects.active().with_role(Role.PROFESSIONAL_STANDARDS).exclude(pk__in=hidden)
    return standards.order_by("pk")
