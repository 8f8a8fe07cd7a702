"""Notices and people who chose how they are told."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models.functions import Now

from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, Preference
from portal.notices.outbox import put
from portal.people.models import Person

DUTY, NEWS = "duty.passed", "guidance.waiting"


def tell(person: Person, dedupe: str = "duty:1", kind: str = DUTY, **words: str) -> Outbox:
    """A notice in the outbox."""
    said = {"subject": "A duty is yours", "body": "Open it by 4:02pm.", "link": "/duties/", **words}
    with transaction.atomic():
        put(to=person, kind=kind, dedupe=dedupe, **said)
    return Outbox.objects.get(dedupe=dedupe)


def choose(person: Person, **choices: Any) -> Preference:
    return Preference.objects.update_or_create(person=person, defaults=choices)[0]


def all_due() -> None:
    """Time passes: what waits for another attempt is due."""
    Outbox.objects.update(next_try_at=Now())


def deliver_all() -> int:
    """Deliver until nothing is due; how many were taken up."""
    total = 0
    while taken := deliver_batch():
        total += taken
    return total
