"""Who may be shown who sent a report. A reporter may ask for their name to be kept back: then it is sealed from everybody but two.

The two are in professional standards: one asked to open the name, the other agreed. They see it while the opening stands, and nobody else
does: not the holder, not the desk, not the rest of professional standards (docs/decisions/0019). A unit narrows a name down, so it is
kept back with it.
"""

from __future__ import annotations

from django.db.models.functions import Now

from portal.people.models import Person, Role
from reporting.choices import NameState
from reporting.models import NameOpening, Report


def sees_reporter(person: Person, report: Report) -> bool:
    """Whether this person, who may read the report, is shown who sent it. Says nothing of exclusions: they can't read it at all."""
    if not report.confidential or person.pk == report.reporter_id:
        return True
    return not report.is_erased and person.has_role(Role.PROFESSIONAL_STANDARDS) and standing_for(person, report) is not None


def standing_for(person: Person, report: Report) -> NameOpening | None:
    """The opening under which this person sees the name now, by the database's clock; None where there is none."""
    found = NameOpening.objects.filter(report=report, state=NameState.OPENED, open_until__gt=Now()).of(person)
    return found.select_related("report__reporter__unit", "asked_by__unit", "decided_by__unit").order_by("-open_until").first()
