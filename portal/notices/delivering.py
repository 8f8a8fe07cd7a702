"""Deliver what waits in the outbox: at least once, in order of need, with back-off and an end."""

from __future__ import annotations

import logging
from datetime import timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models.functions import Now

from portal.notices import delivered
from portal.notices.models import Outbox, State
from portal.record.appending import now

log = logging.getLogger(__name__)
BATCH = 100
BACK_OFF = [timedelta(seconds=seconds) for seconds in (10, 60, 300, 1800, 7200, 21600, 86400)]


def deliver_batch(*, most: int = BATCH) -> int:
    """Send up to `most` due notices over one mail connection; return how many were taken up.

    Each row stays locked until its outcome is kept, so two workers never send the same one; a worker killed in between sends it again
    (the dedupe key is its Message-ID, so a mail server can see the double).
    """
    with transaction.atomic():
        waiting = list(Outbox.objects.due().select_for_update(skip_locked=True, of=("self",)).select_related("to")[:most])
        if waiting:
            mail = get_connection()
            for notice in waiting:
                _deliver(notice, mail)
        return len(waiting)


def _deliver(notice: Outbox, mail: BaseEmailBackend) -> None:
    try:
        letter(notice, mail).send()
    except (OSError, ValueError) as error:  # smtplib's errors are OSErrors
        _postpone(notice, error)
    else:
        at = now()
        Outbox.objects.filter(pk=notice.pk).update(state=State.SENT, attempts=notice.attempts + 1, sent_at=at, last_error="")
        delivered.tell(notice.dedupe, at)


def letter(notice: Outbox, mail: BaseEmailBackend | None = None) -> EmailMessage:
    """The e-mail for a notice: plain words and a link to sign in and read the rest."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return EmailMessage(
        subject=notice.subject,
        body=f"{notice.body}\n\n{settings.BASE_URL}{notice.link}\n",
        to=[notice.to.email],
        headers={"Message-ID": f"<{notice.dedupe.replace(':', '.')}@{domain}>"},
        connection=mail,
    )


def _postpone(notice: Outbox, error: Exception) -> None:
    given_up = notice.attempts >= len(BACK_OFF)
    log.warning("notice %s was not delivered (attempt %s): %s", notice.pk, notice.attempts + 1, type(error).__name__)
    Outbox.objects.filter(pk=notice.pk).update(
        state=State.FAILED if given_up else State.WAITING,
        attempts=notice.attempts + 1,
        last_error=type(error).__name__,
        next_try_at=Now() + BACK_OFF[min(notice.attempts, len(BACK_OFF) - 1)],
    )
