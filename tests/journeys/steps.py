"""What an officer does on the pages of a report and of a duty."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.utils import timezone

from portal.people.models import Person
from reporting.models import Report
from reporting.tests.making import send
from tests.journeys.conftest import Visitor

CONSTABLE = "constable@force.example"


def choose(visitor: Visitor, group: str, option: str) -> None:
    visitor.page.get_by_role("group", name=group).get_by_label(option, exact=True).check()


def fill_message(visitor: Visitor) -> None:
    choose(visitor, "Which app was it in?", "WhatsApp")
    choose(visitor, "Was it sent to a group or to one person?", "A group")
    visitor.page.get_by_label("Name of the group").fill("Response team B")
    visitor.page.get_by_label("What did it say?").fill("A joke about a victim’s accent. 🙁")
    visitor.page.get_by_label("Racist").check()
    yesterday = timezone.localdate() - timedelta(days=1)
    for part in ("day", "month", "year"):
        visitor.page.locator(f"[name=saw_{part}]").fill(str(getattr(yesterday, part)))
    visitor.page.locator("[name=saw_time]").fill("2:15pm")


def fill_people(visitor: Visitor) -> None:
    choose(visitor, "Who sent it?", "Not known")
    choose(visitor, "Is anybody who manages you in the group?", "No")


def fill_response(visitor: Visitor) -> None:
    for name in ("Is anybody at risk now?", "Did you challenge it?", "Keep your name from the senior officer?"):
        choose(visitor, name, "No")
    for field in ("still_in", "disappearing", "victim", "device", "on_duty"):
        visitor.page.locator(f"[name={field}]").first.check()


def send_report(visitor: Visitor) -> str:
    """Send a report from the front page and return its reference; the visitor is left on the report's page."""
    visitor.go("/")
    visitor.press("Report a message")
    for step in (fill_message, fill_people, fill_response):
        step(visitor)
        visitor.press("Save and continue")
    visitor.press("Send report")
    return visitor.page.url.rstrip("/").rsplit("/", 1)[-1]


def a_report(**fields: Any) -> Report:
    """A report of the constable's, sent without a browser; the inspector holds the duty."""
    return send(Person.objects.select_related("unit").get(email=CONSTABLE), **fields)


def fill_outcome(visitor: Visitor, outcome: str, reasons: str, shared: str = "") -> None:
    choose(visitor, "What is the outcome?", outcome)
    visitor.page.get_by_label("What did you do, and why?").fill(reasons)
    visitor.page.get_by_label("What may the reporter read? (optional)").fill(shared)


def confirm_no_action(visitor: Visitor) -> None:
    """No further action is recorded only once its reasons were read back twice."""
    visitor.press("Go on")
    visitor.sees("Read your reasons once more")
    visitor.press("Record no further action")
