"""Who is left once somebody more is kept from a report: to act at the desk that holds it, and to see what professional standards do.

A reporter whose name is kept back counts here like anybody else: a refusal that counted them out would name them, to whoever sees that
the last one left is not excluded.
"""

from __future__ import annotations

import uuid

from portal.people.models import Person, PersonQuerySet, Role
from reporting import duty as duties
from reporting import staffing
from reporting.desk.conflicts import NAMING, standing
from reporting.models import Duty, Report


def somebody_acts(duty: Duty, *, without: Person, asks: Person) -> bool:
    """Whether the post that holds a duty surely keeps somebody who may take it.

    Where the reporter's name is kept back, one of those left may be the reporter: then it takes two, or whoever `asks`, who is not.
    """
    left = staffing.others(duty.post, without, seen_as_excluded(duty.report))
    return len(left) > 1 or (bool(left) and (not duty.report.confidential or asks in left))


def somebody_sees(report: Report, *, without: Person, asks: Person) -> bool:
    """Whether anybody in professional standards but whoever `asks` may still know of the report, and so undo what they do alone."""
    standards: PersonQuerySet = Person.objects.active().with_role(Role.PROFESSIONAL_STANDARDS)
    return bool(standards.exclude(pk__in={without.pk, asks.pk, *seen_as_excluded(report)}).exists())


def seen_as_excluded(report: Report) -> set[uuid.UUID]:
    """Who may not know of a report as far as professional standards are shown, and its reporter where the name is known.

    Whoever manages a reporter whose name is kept back is left out like the reporter: more of those that are left may be kept from it
    than anybody can be told.
    """
    if not report.confidential:
        return duties.excluded_from(report)
    listed = report.exclusions.exclude(why__in=NAMING).values_list("person", flat=True)
    return {*listed, *standing(report).values_list("person", flat=True)}
