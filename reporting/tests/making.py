"""Reports as the duty side needs them, made without the reporter's forms."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db import transaction
from django.db.models import F

from portal.notices.outbox import put_all
from portal.people.models import Person, Post, Role
from portal.people.tests.factories import PersonFactory, desk, line
from portal.record.appending import Entry, append_all, now, person_actor, process_actor
from portal.record.models import Fact
from portal.vault.sealing import open_container, seal
from reporting import duty as duties
from reporting import notifying
from reporting.choices import Category, Excluded, Why
from reporting.drafts.references import new_reference
from reporting.escalation import ladder, routing
from reporting.escalation.ladder import Rung
from reporting.models import Duty, Exclusion, Promise, Report
from reporting.promises import promising, terms

RUNGS = [
    Rung(1, 30, None, 120, 1440),
    Rung(2, 40, None, 60, 720),
    Rung(3, 50, None, 60, 720),
    Rung(4, None, "professional-standards", 240, 2880),
]


def a_line(**fields: Any) -> list[Person]:
    """Constable, sergeant, inspector, chief inspector, superintendent."""
    return line(10, 20, 30, 40, 50, **fields)


def standards_officer(**fields: Any) -> Person:
    """Somebody in professional standards who staffs the desk."""
    person: Person = PersonFactory(rank=20, **fields)
    person.groups.add(Group.objects.get_or_create(name=Role.PROFESSIONAL_STANDARDS)[0])
    desk(person)
    return person


def the_desk() -> Post:
    return desk()


def send(
    reporter: Person,
    *,
    excluded: dict[Person, Excluded] | None = None,
    rungs: list[Rung] | None = None,
    skip_line: bool = False,
    **fields: Any,
) -> Report:
    """A report sent now, with its first duty."""
    rungs = rungs or RUNGS
    rungs = rungs[-1:] if skip_line else rungs
    with transaction.atomic():
        container, at = open_container(purpose="report"), now()
        promised = terms.freeze(urgent=bool(fields.get("at_risk_now")))
        report = Report.objects.create(
            reference=new_reference(),
            reporter=reporter,
            unit=reporter.unit,
            container=container,
            ladder=ladder.freeze(rungs),
            sent_at=at,
            **{"categories": [Category.RACIST], **fields},
        )
        promise = promising.first(report, promised)
        promise.save()
        out = {reporter: Excluded.REPORTER, **(excluded or {})}
        Exclusion.objects.bulk_create([Exclusion(report=report, person=person, why=why) for person, why in out.items()])
        keys = {person.pk for person in out}
        found = routing.first_holder(reporter=reporter, ladder=rungs, excluded=keys, skip_line=skip_line, at=at)
        duty = duties.begin(report=report, found=found, why=Why.SENT, seq=1, at=at)
        answers = {"platform": "whatsapp", "setting": "group", "sender_kind": "officer", "managers": "no", "private": ["message"]}
        sealed = seal(container=container, values={"answers": json.dumps(answers), "message": "The words of the message."})
        actor = person_actor(reporter)
        passed_by = process_actor("sending") if report.confidential else actor
        told = {"report": str(report.pk), "at_risk_now": report.at_risk_now, "confidential": report.confidential, "ladder": report.ladder}
        told |= promising.said(promise)
        sent = Entry(kind="report.sent", subject=report.subject, actor=actor, facts=told, sealed=sealed)
        append_all([sent, duties.passed_fact(duty, actor=passed_by)])
        put_all(notifying.notice_for(duty))
    return report


def age(report: Report, **stretch: float) -> None:
    """Move a report and its open duty into the past, deadlines and all."""
    by = timedelta(**stretch)
    Report.objects.filter(pk=report.pk).update(sent_at=F("sent_at") - by)
    names = ("from_at", "open_due_at", "act_due_at", "next_due_at", "opened_at", "taken_up_at", "told_at")
    Duty.objects.filter(report=report).open().update(**{name: F(name) - by for name in names})
    Promise.objects.filter(report=report).open().update(made_at=F("made_at") - by, due_at=F("due_at") - by)


def break_ladder(report: Report, ladder: list[dict[str, Any]] | None = None) -> None:
    """From now on what was frozen of the report's levels cannot be climbed."""
    Report.objects.filter(pk=report.pk).update(ladder=ladder or [])
    report.refresh_from_db()


def open_duty_of(report: Report) -> Duty:
    return Duty.objects.filter(report=report).open().select_related("holder__unit", "post", "report").get()


def chain(report: Report) -> list[str]:
    """The kinds of the report's facts, in order."""
    return list(Fact.objects.for_subject(report.subject).values_list("kind", flat=True))


def looks(report: Report) -> list[str]:
    """The kinds of the facts about who looked at it, in order."""
    return list(Fact.objects.for_subject(report.consultations).values_list("kind", flat=True))
