"""Whom a restore concerns: the auditors, and the recipients of letters that the older database thinks it has not sent."""

from __future__ import annotations

from django.db.models.functions import Now

from portal.notices.models import MAY_BE_DUE, Outbox, State
from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role

HELD = "held back: an older database was put back"


def hold_letters() -> int:
    """An older outbox does not know what it has sent. An administrator sends again, in the admin, what has to go out."""
    return Outbox.objects.filter(state__in=MAY_BE_DUE).update(state=State.FAILED, last_error=HELD, next_try_at=Now())


def tell_auditors(dedupe: str, subject: str, body: str) -> None:
    auditors = Person.objects.active().with_role(Role.AUDITOR)
    put_all(
        [
            Notice(to=person, kind="record.restored", subject=subject, body=body, link="/record/", dedupe=f"{dedupe}:{person.pk}")
            for person in auditors
        ]
    )
