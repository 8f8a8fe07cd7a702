"""Take up notices that are due. A claim is a lease: who dies with it lets the notices come round again, and nobody waits for a lock."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models.functions import Now

from portal.notices import kinds
from portal.notices.models import MAY_BE_DUE, Outbox, OutboxQuerySet
from portal.postgres.base import rows

LEASE = timedelta(seconds=90)
WORK_SECONDS = 40.0  # nothing is begun after so long: what was begun then still ends within the lease, servers that dawdle included

# Duties before all else: a mailing to the whole force must not stand in front of them.
CLAIM = """
UPDATE notices_outbox SET attempts = attempts + 1, next_try_at = clock_timestamp() + %s::interval
WHERE id IN (
    SELECT id FROM notices_outbox WHERE state IN ('waiting', 'held') AND next_try_at <= clock_timestamp()
    ORDER BY kind ^@ ANY(%b::text[]) DESC, next_try_at, id LIMIT %s FOR UPDATE SKIP LOCKED
)
RETURNING id
"""


def claim(most: int) -> list[Outbox]:
    """Up to `most` due notices, those first that are needed most, each with its recipient and how they are told.

    Commit before sending: the lease, and not the transaction, keeps others away.
    """
    taken = [key for (key,) in rows(CLAIM, [LEASE, kinds.first_in_need(), most])]
    found = Outbox.objects.filter(pk__in=taken).select_related("to__told_how")
    return sorted(found, key=lambda notice: (not kinds.group_of(notice.kind).always, notice.made_at, notice.pk))


def give_back(notices: list[Outbox]) -> None:
    """Let others take up at once what was claimed and not begun."""
    for notice in notices:
        still_ours(notice).update(attempts=notice.attempts - 1, next_try_at=Now())


def still_ours(notice: Outbox) -> OutboxQuerySet:
    """The row, while nobody else took it up after our lease had run out."""
    return Outbox.objects.filter(pk=notice.pk, state__in=MAY_BE_DUE, next_try_at=notice.next_try_at)


def later(notice: Outbox, at: datetime, state: str) -> None:
    """Put it by until `at`; nothing was tried."""
    still_ours(notice).update(state=state, attempts=notice.attempts - 1, next_try_at=at)
