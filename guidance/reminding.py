"""Tell those who have a version still to acknowledge: when it comes out, a week and a day before its date, and after it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from guidance.models import Acknowledgement, Reminder, Version
from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.ui import words

BATCH = 1_000
ROUNDS = {"week_before": -7, "day_before": -1, "day_after": 1, "week_after": 7}  # days from the acknowledge-by date
FIRST = "published"


def remind(*, today: date) -> int:
    """Put the notices of every round that is due and not finished; return how many were put.

    Of the rounds whose day has come only the latest is told, so a week without reminders ends in one notice, not three. Each batch is
    one transaction and each notice has a key of its own: stopped half-way and begun again, nobody is told twice.
    """
    return sum(
        _round(version, stage) for version in Version.objects.current().select_related("document") if (stage := _due(version, today))
    )


def stage_on(version: Version, today: date) -> str:
    """The latest round whose day has come. A version whose time is shorter than a week begins with its first round all the same."""
    told = FIRST
    for stage, days in ROUNDS.items():
        on = version.acknowledge_by + timedelta(days=days)
        if version.published_at is not None and version.published_at.date() < on <= today:
            told = stage
    return told


def _due(version: Version, today: date) -> str | None:
    stage = stage_on(version, today)
    return None if Reminder.objects.filter(version=version, stage=stage).exists() else stage


def _round(version: Version, stage: str) -> int:
    told, last = 0, uuid.UUID(int=0)
    people = audience_of(version).filter(~Exists(Acknowledgement.objects.filter(version=version, person=OuterRef("pk")))).order_by("pk")
    while batch := list(people.filter(pk__gt=last).only("pk")[:BATCH]):
        _put(version, stage, batch)
        told, last = told + len(batch), batch[-1].pk
    Reminder.objects.get_or_create(version=version, stage=stage)
    return told


def audience_of(version: Version) -> QuerySet[Person]:
    """Everybody at work whom the version is for: the rule of `models.applies_to`, from the other side."""
    chosen = Q(is_active=True)
    for field, values in (("unit__in", version.units), ("rank__in", version.ranks), ("kind__in", version.kinds)):
        if values:
            chosen &= Q(**{field: values})
    people: QuerySet[Person] = Person.objects.filter(chosen)
    return people


def _put(version: Version, stage: str, people: Sequence[Person]) -> None:
    title, by = version.document.title, words.day(version.acknowledge_by)
    subject = {
        FIRST: f"Read and acknowledge {title} by {by}",
        "day_after": f"{title} was to be acknowledged by {by}",
        "week_after": f"{title} was to be acknowledged by {by}",
    }.get(stage, f"Acknowledge {title} by {by}")
    body = f"{title}, version {version.number}, is waiting for you. It was to be acknowledged by {by}. Read it here:"
    if not stage.endswith("_after"):
        body = f"{title}, version {version.number}, is waiting for you. Acknowledge it by {by}. Read it here:"
    notices = [
        Notice(
            to=person,
            kind="guidance.waiting",
            subject=subject,
            body=body,
            link=version.document.get_absolute_url(),
            dedupe=f"guidance.waiting:{version.pk}:{stage}:{person.pk}",
        )
        for person in people
    ]
    with transaction.atomic():
        put_all(notices)
