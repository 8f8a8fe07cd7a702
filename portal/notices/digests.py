"""The daily message: one letter a day with a line and a link for each notice that could wait.

It is a notice of its own in the outbox, one for each person and day by its key, and goes the way of all notices. What is gathered in it
is sent with it, once; another that comes later waits for the next day's.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from portal.hours.counting import LONDON
from portal.notices import claiming, kinds, reaching
from portal.notices.channels.base import Letter
from portal.notices.models import MAY_BE_DUE, Outbox, State
from portal.notices.outbox import put
from portal.notices.planning import daily_at

KIND = "digest.daily"


def is_digest(notice: Outbox) -> bool:
    return notice.kind == KIND


def gather(notice: Outbox, *, at: datetime, fits: Callable[[Outbox], bool]) -> None:
    """Put a notice into the day's message, with all others of theirs that wait for it; where it has gone already, hold it for the next.

    `fits`: whether another notice of theirs belongs in it now.
    """
    key = f"digest:{notice.to_id}:{at.astimezone(LONDON).date().isoformat()}"
    with transaction.atomic():
        put(to=notice.to, kind=KIND, subject="What is new for you in Candour", body="", link="/", dedupe=key)
        digest = Outbox.objects.select_for_update(no_key=True).get(dedupe=key)
        if digest.state != State.WAITING or digest.attempts or digest.tried:
            hour = reaching.preference_of(notice.to).daily_hour
            claiming.later(notice, daily_at(at + timedelta(seconds=1), hour), State.HELD)
            return
        others = Outbox.objects.filter(to=notice.to, state__in=MAY_BE_DUE).exclude(kind=KIND).select_related("to__told_how")
        chosen = [other.pk for other in others if fits(other)]
        Outbox.objects.filter(pk__in=[notice.pk, *chosen], state__in=MAY_BE_DUE).update(state=State.GATHERED, gathered_in=digest)


def letter(digest: Outbox) -> Letter | None:
    """The day's message, of what may still be told; None where nothing may. What may not is let out of it, and goes nowhere."""
    lines = []
    for notice in digest.gathered.filter(state=State.GATHERED).select_related("to").order_by("made_at", "id"):
        if why := kinds.withheld(notice):
            Outbox.objects.filter(pk=notice.pk).update(state=State.WITHHELD, gathered_in=None, last_error=why)
        else:
            lines.append(f"{notice.subject}\n{settings.BASE_URL}{notice.link}")
    if not lines:
        return None
    several = f"{len(lines)} notices wait for you" if len(lines) > 1 else "One notice waits for you"
    text = "\n\n".join([f"{several}. You chose to be told of them once a day.", *lines])
    return Letter(key=digest.dedupe, title=digest.subject, text=text, address=settings.BASE_URL + digest.link, again=digest.may_have_gone)
