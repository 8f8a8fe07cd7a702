"""What an officer does on each page of a report."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from tests.journeys.conftest import Visitor


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
