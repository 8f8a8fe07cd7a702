"""What became of notices that GOV.UK Notify took: it calls us, or is asked. Only "delivered" means told.

A refusal that comes back opens the notice again: another channel takes it, or it is given up where somebody sees it.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from notifications_python_client.errors import APIError

from portal.notices import reaching
from portal.notices.channels.configured import ways
from portal.notices.channels.notify import REFUSALS, client
from portal.notices.delivering import told
from portal.notices.models import Outbox, Outcome, Sending, State, Way
from portal.record.appending import now

log = logging.getLogger(__name__)
DELIVERED = "delivered"
KNOWN_FOR = timedelta(days=7)  # so long Notify keeps what it can be asked for
MOST = 5_000  # notifications looked through at once, the newest first


def fetch() -> int:
    """Ask Notify about everything it took and has not answered for; return how many answers were new. Again does no harm."""
    if Way.NOTIFY_EMAIL not in ways() and Way.NOTIFY_SMS not in ways():
        return 0
    waiting = set(_unanswered())
    try:
        return sum(hear(one) for one in islice(_listed(), MOST) if one.get("id") in waiting) if waiting else 0
    except APIError as error:
        log.warning("Notify could not be asked what became of notices: %s", error.status_code)
        return 0


def hear(answer: Mapping[str, Any]) -> bool:
    """Keep one answer, as Notify gives it when it is asked or when it calls; whether it was new."""
    status = answer.get("status")
    if status != DELIVERED and status not in REFUSALS:
        return False
    with transaction.atomic():
        found = Sending.objects.filter(provider_id=str(answer.get("id")), outcome=Outcome.TAKEN).select_related("notice")
        sending = found.select_for_update(no_key=True, of=("self",)).first()
        if sending is None:
            return False
        if status == DELIVERED:
            _delivered(sending)
        else:
            refused(sending, _address(answer) if REFUSALS[status] else "", f"Notify {status}")
        return True


def _delivered(sending: Sending) -> None:
    Sending.objects.filter(pk=sending.pk).update(outcome=Outcome.TOLD)
    told(sending.notice, now())
    reaching.works(person_id=sending.notice.to_id, way=Way(sending.way))


def refused(sending: Sending, address: str, why: str) -> None:
    """Open the notice of a sending that was taken again, in the caller's transaction. `address`: where it is at fault, else empty."""
    Sending.objects.filter(pk=sending.pk).update(outcome=Outcome.REFUSED)
    notice = sending.notice
    if address:
        reaching.mark(person_id=notice.to_id, way=Way(sending.way), address=address, why=why, at=now())
    Outbox.objects.filter(gathered_in=notice.pk, state=State.SENT).update(state=State.GATHERED)
    Outbox.objects.filter(pk=notice.pk, state=State.SENT).begin_anew(last_error=why)


def _address(answer: Mapping[str, Any]) -> str:
    return str(answer.get("to") or answer.get("email_address") or answer.get("phone_number") or "")


def _unanswered() -> list[str]:
    lately = Sending.objects.filter(outcome=Outcome.TAKEN, at__gt=now() - KNOWN_FOR).exclude(provider_id="")
    return list(lately.values_list("provider_id", flat=True))


def _listed() -> Any:
    return client().get_all_notifications_iterator()
