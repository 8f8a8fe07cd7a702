"""A page that shows who holds a duty, or by when a reporter hears, lets what has passed fire first: with every clock gone, whoever looks is
the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Protocol, TypeVar

from django.utils import timezone

from reporting.escalation import lapsing
from reporting.models import Duty, Promise, Report
from reporting.promises import breaking, promising

Read = TypeVar("Read")


class Shown(Protocol):
    """A row of a list that says which report a duty is of, and when it is next due."""

    @property
    def reference(self) -> str: ...
    @property
    def next_due_at(self) -> datetime | None: ...


def fired_first(read: Callable[[], Read], duties: Callable[[Read], Iterable[Duty | Shown]]) -> Read:
    """What `read` returns; read again where a duty in it, as `duties` finds them, was overdue.

    This process's own clock only chooses whether to ask: the sweep's verb decides by the database's.
    """
    found, at = read(), timezone.now()
    late = [reference(duty) for duty in duties(found) if duty.next_due_at is not None and duty.next_due_at <= at]
    return read() if late and lapsing.fire_shown(late) else found


def facts_first(report: Report) -> None:
    """Before a page that reads one report's facts: what is due of its duty, and of the promise to its reporter, is among them."""
    late = Report.objects.filter(pk=report.pk)
    lapsing.fire_before(late)
    breaking.break_before(late)


def heard_first(report: Report) -> Promise | None:
    """The promise to this report's reporter that runs; one that has passed is kept as missed first, and the next one runs."""
    promise = promising.running(report)
    return promising.running(report) if promise and missed_first(report, promise.due_at) else promise


def missed_first(report: Report, due_at: datetime | None) -> bool:
    """Whether the promise that was due then, or none, had passed and is kept as missed now."""
    return due_at is not None and due_at <= timezone.now() and bool(breaking.break_shown([report.reference]))


def reference(duty: Duty | Shown) -> str:
    return duty.report.reference if isinstance(duty, Duty) else duty.reference
