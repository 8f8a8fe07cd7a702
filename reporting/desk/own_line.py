"""Who manages a reporter whose report leaves the line of command out, and whether all of them can be kept from it.

They are: also those who do not work in professional standards now, for they may come to work there. Who does is kept from it as long as two
of the desk are left: nobody is left alone with a report (docs/decisions/0025). Where too few are left the reporter is told so before they
send it.
"""

from __future__ import annotations

import uuid
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from portal.people.line import line_of_command
from portal.people.models import Person, PersonQuerySet, Post, Role
from reporting import staffing
from reporting.escalation.routing import DESK

FEWEST = 2


@dataclass(frozen=True, slots=True)
class OwnLine:
    """`managers`: those who staff the desk or oversee reports, the nearest first. `is_told`: whether they may know of it after all.

    `kept_out`: everybody of the line who may not, whether they could know of it today or not.
    """

    managers: list[Person]
    is_told: bool
    kept_out: list[uuid.UUID]


NOBODY = OwnLine([], is_told=False, kept_out=[])


def of_reporter(reporter: Person, excluded: AbstractSet[uuid.UUID]) -> OwnLine:
    """`excluded`: whom the report keeps out already; a manager among them needs no more."""
    line = [manager for manager in line_of_command(reporter.pk) if manager.pk not in excluded]
    people: PersonQuerySet = Person.objects.active().filter(pk__in=[manager.pk for manager in line])
    theirs = people.filter(posts__code=DESK) | people.with_role(Role.PROFESSIONAL_STANDARDS)
    there = set(theirs.values_list("pk", flat=True))
    managers = [manager for manager in line if manager.pk in there]
    is_told = bool(managers) and len(staffing.others(Post.objects.get(code=DESK), reporter, {*excluded, *there})) < FEWEST
    return OwnLine(managers, is_told, [manager.pk for manager in line if not (is_told and manager.pk in there)])
