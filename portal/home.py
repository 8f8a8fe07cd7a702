"""The front page: what is waiting for this person, the most urgent first, and where their reports are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, TypedDict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

import devices.waiting
import guidance.waiting
import portal.erasure.listing
import reporting.waiting
from devices.models import State
from portal.notices.reaching import refused_addresses
from portal.people.absence import away_now, says_when_away
from portal.people.access import signed_in
from portal.people.models import Person, Role
from portal.ui import words
from reporting.choices import DutyState
from reporting.missed import missed_by
from reporting.waiting import Held, ToDecideBy

MOST = 5
COUNTED = 100  # of one kind; whoever has more is told that there are at least so many
SOON = timedelta(hours=1)


class Task(TypedDict):
    """One line of the list, as the `task_list` tag takes it."""

    text: str
    href: str
    tag: str
    colour: str


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    person, at = signed_in(request), timezone.now()
    held = list(duty_tasks(person, at))  # read first: it lets deadlines fire that have passed
    tasks = [
        *missed_tasks(person),
        *held,
        *question_tasks(person),
        *role_tasks(person),
        *handset_tasks(person),
        *guidance_tasks(person, at),
    ]
    return render(
        request,
        "home/home.html",
        {
            "tasks": tasks[:MOST],
            "more": max(len(tasks) - MOST, 0),
            "more_under": rooms_of(tasks[MOST:]),
            "at_least": len(tasks) >= COUNTED,
            "reports": reporting.waiting.my_reports(person),
            "refused": refused_addresses(person),
            **absence_of(person, at),
        },
    )


def rooms_of(tasks: list[Task]) -> list[str]:
    """Where these are found, each room once: the first part of its address, which is what its tab is called."""
    return list(dict.fromkeys(task["href"].split("/")[1] for task in tasks))


def absence_of(person: Person, at: datetime) -> dict[str, Any]:
    """Whether this person says when they are away, and if they are away now, until when."""
    says = says_when_away(person)
    return {"says_when_away": says, "away": away_now(person, at) if says else None}


def duty_tasks(person: Person, at: datetime) -> Iterator[Task]:
    for duty in reporting.waiting.duties_of(person, most=COUNTED):
        verb, due = ("Open", duty.open_due_at) if duty.state == DutyState.SENT else ("Act on", duty.act_due_at)
        text, colour = due_tag(duty, due, at)
        yield Task(text=f"{verb} report {duty.reference}", href=f"/duties/{duty.reference}/", tag=text, colour=colour)


def missed_tasks(person: Person) -> Iterator[Task]:
    """One line, above all else, for the duties that a deadline took from this person; however many there are, it buries nothing."""
    missed = missed_by(person)
    if not missed:
        return
    one, many = missed[0].reference if len(missed) == 1 else "", words.count(missed.total, "report")
    about, href = (f"report {one}", f"/duties/{one}/") if one else (many, "/duties/")
    yield Task(text=f"Record what you did about {about}, late", href=href, tag="Deadline missed", colour="red")


def due_tag(duty: Held, due: datetime, at: datetime) -> tuple[str, str]:
    """The words and colour for a deadline: red once it passed or within an hour of it."""
    if due <= at:
        return words.left(due - at).capitalize(), "red"
    return f"Due {words.moment(due)}", "red" if due - at < SOON else "yellow"


def question_tasks(person: Person) -> Iterator[Task]:
    for reference in reporting.waiting.questions_for(person, most=COUNTED):
        yield Task(
            text=f"Answer a question about report {reference}", href=f"/reports/{reference}/#question", tag="Question", colour="yellow"
        )


def role_tasks(person: Person) -> Iterator[Task]:
    """What waits for stores, for the second person in professional standards, and for those who write or approve guidance."""
    yield from second_person_tasks(person)
    if person.has_role(Role.STORES):
        yield from stores_tasks()
    if person.has_role(Role.GUIDANCE_AUTHOR):
        for slug, title, many in guidance.waiting.questions_for(person):
            yield Task(
                text=f"Answer {words.count(many, 'question')} about {title}",
                href=f"/guidance/{slug}/questions/",
                tag="Question",
                colour="yellow",
            )


def second_person_tasks(person: Person) -> Iterator[Task]:
    """What a colleague asked for or wrote, and somebody else has to decide on."""
    for asked in ToDecideBy(person)[:COUNTED]:
        yield Task(text=asked.text, href=asked.href, tag="Second person", colour="yellow")
    for plain, link in portal.erasure.listing.to_decide(person):
        yield Task(text=f"Decide whether to erase {plain}", href=link, tag="Second person", colour="yellow")
    for key, title, number in guidance.waiting.to_approve(person):
        link = reverse("admin:guidance_version_change", args=[key])
        yield Task(text=f"Approve {title}, version {number}", href=link, tag="Waiting", colour="yellow")


def stores_tasks() -> Iterator[Task]:
    if returns := devices.waiting.returns_waiting():
        text = f"Confirm {words.count(returns, 'return')}"
        yield Task(text=text, href=f"/stores/?state={State.RETURNING}", tag="On the way", colour="yellow")
    if odd := devices.waiting.discrepancies_waiting():
        text = "Look into a discrepancy" if odd == 1 else f"Look into {odd:,} discrepancies"
        yield Task(text=text, href="/stores/discrepancies/", tag="Waiting", colour="yellow")


def handset_tasks(person: Person) -> Iterator[Task]:
    for handset in devices.waiting.waiting_for(person):
        if handset.to_claim:
            yield Task(text="Claim your handset", href=handset.link, tag="Not claimed", colour="")


def guidance_tasks(person: Person, at: datetime) -> Iterator[Task]:
    today = timezone.localdate(at)
    for document in guidance.waiting.waiting_for(person):
        late = document.overdue_on(today)
        yield Task(
            text=f"{document.title}, version {document.number}",
            href=document.link,
            tag="Overdue" if late else f"Acknowledge by {words.day(document.acknowledge_by)}",
            colour="red" if late else "blue",
        )
