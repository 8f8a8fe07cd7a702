"""Link: professional standards say, with a reason, that two reports belong together, or that they do not after all.

What pages show of links is read in `reporting.desk.links`.
"""

from __future__ import annotations

import uuid

from portal.people.models import Person
from portal.record.appending import Entry, append_all, person_actor
from portal.vault.sealing import seal
from reporting.desk import overseeing
from reporting.desk.links import between
from reporting.desk.overseeing import Locked
from reporting.models import Link


class CannotLink(Exception):
    """These two cannot be linked, or taken apart; the text says why."""


def link(*, person: Person, report_id: uuid.UUID, to: uuid.UUID, reason: str) -> Link:
    """Raises holding.NotYours for whoever may not know of either report, Erased, and CannotLink."""
    if report_id == to:
        raise CannotLink("Enter the reference of another report.")
    with overseeing.at_work(person, report_id, to):
        first, second = (overseeing.lock(person, key) for key in sorted((report_id, to)))
        if between(first.report, second.report).exists():
            raise CannotLink("These two reports are linked already.")
        made = Link.objects.create(first=first.report, second=second.report, by=person, at=second.at)
        _tell(made, (first, second), kind="report.linked", name="link", reason=reason)
        return made


def unlink(*, person: Person, link_id: uuid.UUID, reason: str) -> None:
    """Raises holding.NotYours for whoever may not know of either report, Erased, and CannotLink where it was done already."""
    kept = Link.objects.filter(pk=link_id).first()
    if kept is None:
        raise CannotLink("This link does not exist.")
    with overseeing.at_work(person, kept.first_id, kept.second_id):
        both = [overseeing.lock(person, key) for key in (kept.first_id, kept.second_id)]
        if not Link.objects.filter(pk=link_id, ended_at__isnull=True).update(ended_at=both[-1].at):
            raise CannotLink("These two reports are not linked any more.")
        _tell(kept, both, kind="report.unlinked", name="unlink", reason=reason)


def _tell(kept: Link, both: tuple[Locked, Locked] | list[Locked], *, kind: str, name: str, reason: str) -> None:
    """On the chain of each: neither fact names the other report."""
    append_all(
        [
            Entry(
                kind=kind,
                subject=locked.report.consultations,
                actor=person_actor(locked.person),
                facts={"link": str(kept.pk)},
                sealed=seal(container=locked.report.container, values={f"{name}-{kept.pk}": reason}),
            )
            for locked in both
        ]
    )
