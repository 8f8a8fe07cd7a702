"""Claims and a plan for the demonstration, written as the verb writes them, many at once."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, QuerySet
from django.db.models.functions import MD5
from django.utils import timezone

from devices.models import Custody, Handset, RolloutPlan, State, Terms
from portal.people.models import Person
from portal.record.appending import Entry, append_unread, now, person_actor
from portal.record.canonical import iso

WEEKS = 6


def install(*, claims: int = 120, leave: frozenset[str] = frozenset()) -> int:
    """Plan six weeks and claim allotted handsets, here and there in the stock, until `claims` were made; return how many were now.

    leave: numbers of people whose handset stays unclaimed, for trying a claim by hand. Running it again adds nothing.
    """
    _plan()
    missing = max(0, claims - Custody.objects.count())
    with transaction.atomic():
        chosen = list(_to_claim(leave)[:missing])
        return _claim(chosen)


def _to_claim(leave: frozenset[str]) -> QuerySet[Handset]:
    """Handsets whose person holds no other and has no other allotted, in an order that mixes units."""
    holds = Custody.objects.open().filter(holder=OuterRef("allotted_to"))
    another = Handset.objects.in_state(State.ALLOTTED).filter(allotted_to=OuterRef("allotted_to"), pk__lt=OuterRef("pk"))
    waiting = Handset.objects.in_state(State.ALLOTTED).exclude(allotted_to__number__in=leave).filter(~Exists(holds), ~Exists(another))
    return waiting.select_for_update(of=("self",)).select_related("allotted_to").order_by(MD5("imei"))


def _claim(handsets: Sequence[Handset]) -> int:
    """What `devices.claiming.claim` writes, but for the notice: nobody is there to read it."""
    terms, at = Terms.objects.first(), now()
    if terms is None:
        return 0
    Handset.objects.filter(pk__in=[handset.pk for handset in handsets]).update(state=State.CLAIMED)
    custodies = Custody.objects.bulk_create(
        Custody(handset=handset, holder=handset.allotted_to, terms=terms, claimed_at=at) for handset in handsets if handset.allotted_to
    )
    return append_unread([_fact(custody, custody.holder, hashlib.sha256(terms.text.encode()).hexdigest()) for custody in custodies])


def _fact(custody: Custody, holder: Person, terms_hash: str) -> Entry:
    return Entry(
        kind="handset.claimed",
        subject=custody.handset.subject,
        actor=person_actor(holder),
        facts={
            "custody": custody.pk,
            "holder": str(holder.pk),
            "claimed_at": iso(custody.claimed_at),
            "terms": custody.terms_id,
            "terms_sha256": terms_hash,
        },
    )


@transaction.atomic
def _plan() -> None:
    """An even share of each unit's allotted handsets a week, for three weeks back and the next three."""
    today = timezone.localdate()
    first = today - timedelta(days=today.weekday(), weeks=WEEKS // 2 - 1)
    allotted = Handset.objects.in_state(State.ALLOTTED).order_by().values_list("allotted_to__unit").annotate(Count("pk"))
    RolloutPlan.objects.bulk_create(
        (
            RolloutPlan(unit_id=unit, week_starting=first + timedelta(weeks=week), planned=-(-many // WEEKS))
            for unit, many in allotted
            for week in range(WEEKS)
            if unit
        ),
        ignore_conflicts=True,
    )
