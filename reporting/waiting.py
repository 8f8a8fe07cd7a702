"""What the front page shows of reports, each by one cheap query."""

from __future__ import annotations

from portal.people.models import Person
from reporting.choices import MessageKind, ReportState
from reporting.models import Duty, Message
from reporting.standing import Standing, present_duties, standing

MOST = 5


def my_reports(person: Person, most: int = MOST) -> list[Standing]:
    """The newest reports of this person, with who holds the duty and how far they are."""
    return [standing(duty) for duty in present_duties(person)[:most]]


def duties_of(person: Person, most: int = MOST) -> list[Duty]:
    """The most urgent duties this person holds now, themselves or with their desk, each with its report."""
    held = Duty.objects.all().held_by(person).most_urgent_first().select_related("report")
    return list(held.defer("report__ladder", "skipped")[:most])


def questions_for(person: Person, most: int = MOST) -> list[str]:
    """References of this person's reports with a question they have not answered, the oldest question first."""
    asked = Message.objects.filter(kind=MessageKind.QUESTION, answer__isnull=True, report__reporter=person, report__state=ReportState.OPEN)
    return list(dict.fromkeys(asked.order_by("at").values_list("report__reference", flat=True)[:most]))
