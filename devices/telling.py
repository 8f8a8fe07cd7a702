"""Notices about handsets, put inside the transaction they tell of."""

from __future__ import annotations

from django.urls import reverse

from devices.models import Custody, Handset
from devices.receipts import TITLES
from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role
from portal.receipts import telling
from portal.record.models import Fact


def tell_stores(*, handset: Handset, kind: str, subject: str, body: str, dedupe: str) -> None:
    """Tell everybody who works in stores, each once for one `dedupe`."""
    link = handset.get_absolute_url()
    keepers = Person.objects.active().with_role(Role.STORES).only("pk")
    put_all([Notice(to=to, kind=kind, subject=subject, body=body, link=link, dedupe=f"{dedupe}:{to.pk}") for to in keepers])


def tell_holder(*, custody: Custody, kind: str, subject: str, body: str) -> None:
    """Tell the person who holds, or held, the handset. One notice of a kind for each custody."""
    notice = Notice(
        to=custody.holder, kind=kind, subject=subject, body=body, link=reverse("devices:handset"), dedupe=f"{kind}:custody:{custody.pk}"
    )
    put_all([notice])


def tell_of_receipt(*, custody: Custody, fact: Fact) -> None:
    """Tell the holder that what they did has a receipt, where nothing else tells them; once for each time they do it."""
    put_all([telling.ready(to=custody.holder, fact=fact, title=TITLES[fact.kind].format(custody.handset.asset_tag))])
