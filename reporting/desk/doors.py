"""Which page about a report somebody at a desk can open. A notice that leads to one that refuses them tells them nothing."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from portal.people.models import Person, Role
from reporting.models import Duty, Report


@dataclass(frozen=True, slots=True)
class Doors:
    """`standards`: of some people those who oversee reports. `held`: reports, with each who holds or held it, alone or with their post."""

    standards: AbstractSet[uuid.UUID]
    held: AbstractSet[tuple[uuid.UUID, uuid.UUID | None]]

    def opens(self, person: Person, report: Report) -> bool:
        return person.pk in self.standards or (report.pk, person.pk) in self.held

    def link(self, person: Person, report: Report, *, with_post: bool) -> str:
        """`with_post`: the duty is with this person's post now. Where they may read nothing of the report, it is their own list."""
        if person.pk in self.standards and not with_post:
            return f"/standards/{report.reference}/"
        return f"/duties/{report.reference}/" if self.opens(person, report) else "/duties/"


def doors(reports: Collection[Report], people: Iterable[Person]) -> Doors:
    """In two reads, however many there are. Who is excluded is the caller's to see to."""
    overseers = Person.objects.with_role(Role.PROFESSIONAL_STANDARDS).filter(pk__in=[person.pk for person in people])
    of_duties = Duty.objects.filter(report__in=reports).order_by().values_list("report_id", "holder_id", "post__members").distinct()
    held = {(report, person) for report, holder, member in of_duties for person in (holder, member)}
    return Doors(set(overseers.values_list("pk", flat=True)), held)
