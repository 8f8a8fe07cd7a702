"""Reporters, ladders and answers to test with."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from portal.people.models import Person, PostMember, Rank
from portal.people.tests.factories import desk, line
from reporting import sending
from reporting.drafts import drafting
from reporting.models import Draft, EscalationPolicy, Report

MESSAGE: dict[str, Any] = {
    "platform": "whatsapp",
    "setting": "group",
    "group_name": "Team 4 banter",
    "message": "The words that were sent",
    "categories": ["racist", "bullying"],
    "saw_day": "3",
    "saw_month": "3",
    "saw_year": "2025",
    "saw_time": "2:02pm",
}
PEOPLE: dict[str, Any] = {"sender_kind": "unknown", "managers": "no"}
RESPONSE: dict[str, Any] = {
    "at_risk_now": "no",
    "challenged": "no",
    "still_in": "yes",
    "disappearing": "unsure",
    "victim": "no",
    "device": "force",
    "on_duty": "on",
    "confidential": "no",
}
ANSWERS: dict[str, dict[str, Any]] = {
    "message": {
        "platform": "whatsapp",
        "setting": "group",
        "group_name": "Team 4 banter",
        "message": "The words that were sent",
        "categories": ["racist", "bullying"],
        "sent": None,
        "saw": "2025-03-03T14:02:00+00:00",
    },
    "people": {
        "sender_kind": "unknown",
        "sender_person": "",
        "named": [],
        "sender_name": "",
        "others": "",
        "managers": "no",
        "line": "mine",
    },
    "response": {
        "at_risk_now": False,
        "challenged": False,
        "still_in": "yes",
        "disappearing": "unsure",
        "victim": "no",
        "device": "force",
        "on_duty": "on",
        "confidential": False,
    },
}


def force() -> list[Person]:
    """A constable with a line of command up to a superintendent, and a desk above them."""
    people = line(Rank.CONSTABLE, Rank.SERGEANT, Rank.INSPECTOR, Rank.CHIEF_INSPECTOR, Rank.SUPERINTENDENT)
    ensure_policies()
    return people


def ensure_policies() -> None:
    """The ladder that the migrations ship; made here as well where a test has changed it."""
    post = desk()
    for urgent, to_act in ((False, 1440), (True, 60)):
        if EscalationPolicy.objects.filter(in_force=True, urgent=urgent).exists():
            continue
        policy = EscalationPolicy.objects.create(name=f"Test {to_act}", in_force=True, urgent=urgent)
        for level, rank in enumerate([Rank.INSPECTOR, Rank.CHIEF_INSPECTOR, Rank.SUPERINTENDENT], start=1):
            policy.rungs.create(level=level, least_rank=rank, minutes_to_open=15, minutes_to_act=to_act)
        policy.rungs.create(level=4, post=post, minutes_to_open=15, minutes_to_act=to_act)


def at_desk(person: Person) -> Person:
    PostMember.objects.get_or_create(post=desk(), person=person)
    return person


def a_draft(reporter: Person) -> Draft:
    return drafting.start_draft(reporter=reporter, draft_id=uuid.uuid4())


def full_draft(reporter: Person, **changes: Any) -> Draft:
    """A draft with every page right; `changes` replace answers by name."""
    draft = a_draft(reporter)
    for page, answers in ANSWERS.items():
        drafting.save_page(reporter=reporter, draft_id=draft.pk, page=page, typed={}, answers=_changed(answers, changes))
    return draft


def sent(reporter: Person, **changes: Any) -> Report:
    return sending.send_report(reporter=reporter, draft_id=full_draft(reporter, **changes).pk)


def _changed(answers: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    extra = {name: value for name, value in changes.items() if name in answers or name in ("challenged_how", "risk", "platform_name")}
    return {**answers, **extra}
