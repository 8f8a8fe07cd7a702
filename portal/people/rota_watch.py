"""Watch the rotas: a post at which nobody is on duty now is told to its own address and to administrators, once a day.

It looks by the clock and not when something comes to the post, so that an alert never tells of a report.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from functools import partial

from django.conf import settings
from django.core.mail import send_mail
from django.db import transaction
from django.utils import timezone

from portal.notices.models import Outbox
from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Post, Role
from portal.people.rota import all_rotas
from portal.record.appending import now
from portal.ui import words

log = logging.getLogger(__name__)
SUBJECT = "Nobody is on the rota of {desk} now"
BODY = "At {time} nobody was on duty at {desk}. Every member is told of what comes to it until somebody is. Mend the rota."


def watch() -> int:
    """Tell of each post whose rota has nobody now; return how many were told of for the first time today."""
    with transaction.atomic():
        at = now()
        empty = [post for post, rota in all_rotas(at, at + timedelta(microseconds=1)) if not rota.at(at)]
        return sum(_tell(post, at) for post in empty)


def _tell(post: Post, at: datetime) -> bool:
    key = f"rota:{post.pk}:{timezone.localdate(at).isoformat()}"
    if Outbox.objects.filter(dedupe__startswith=f"{key}:").exists():
        return False
    subject, body = SUBJECT.format(desk=post.in_words), BODY.format(desk=post.in_words, time=words.moment(at))
    administrators = Person.objects.active().with_role(Role.ADMINISTRATOR).order_by("pk")
    link = f"/admin/people/post/{post.pk}/change/"
    put_all(
        [
            Notice(to=person, kind="post.rota_empty", subject=subject, body=body, link=link, dedupe=f"{key}:{person.pk}")
            for person in administrators
        ]
    )
    if post.email and administrators:
        transaction.on_commit(partial(_mail, post.email, subject, body))
    return True


def _mail(address: str, subject: str, body: str) -> None:
    """The desk's own address is nobody's account, so it has no place in the outbox. If it fails, the administrators' notices stand."""
    try:
        send_mail(subject, body, settings.DEFAULT_FROM_EMAIL, [address])
    except OSError as error:
        log.warning("the address of a post was not told of its rota: %s", type(error).__name__)
