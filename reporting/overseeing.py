"""Professional standards look at any report they are not excluded from; every look is a fact."""

from __future__ import annotations

import uuid

from django.db import transaction

from portal.people.models import Person
from reporting import holding, opening
from reporting.consulting import consult
from reporting.models import Duty, Report


def look(*, person: Person, report_id: uuid.UUID) -> None:
    """Record that this person consulted the report. Where their desk holds the duty, looking opens it. Raises Report.DoesNotExist."""
    with transaction.atomic():
        report = Report.objects.known_to(person).get(pk=report_id)
        duty = Duty.objects.filter(report=report).open().first()
        if duty is not None and holding.holds(person, duty):
            opening.open_duty(person=person, report_id=report_id, why="standards")
        else:
            consult(person=person, report=report, why="standards")
