"""Claims and a plan for the demonstration, made through the same verb as everybody's."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction
from django.db.models import Count
from django.db.models.functions import MD5
from django.utils import timezone

from devices.claiming import claim
from devices.models import Custody, Handset, RolloutPlan, State, Terms
from devices.refusals import Refused

WEEKS = 6


def install(*, claims: int = 120, leave: frozenset[str] = frozenset()) -> int:
    """Plan six weeks and claim allotted handsets, here and there in the stock, until `claims` were made; return how many were now.

    leave: numbers of people whose handset stays unclaimed, for trying a claim by hand. Running it again adds nothing.
    """
    waiting = Handset.objects.in_state(State.ALLOTTED).exclude(allotted_to__number__in=leave).select_related("allotted_to")
    _plan()
    missing = max(0, claims - Custody.objects.count())
    return sum(_claimed(handset) for handset in waiting.order_by(MD5("imei"))[:missing])


def _claimed(handset: Handset) -> bool:
    terms = Terms.objects.first()
    if terms is None or handset.allotted_to is None:
        return False
    try:
        claim(holder=handset.allotted_to, asset_tag=handset.asset_tag, last_four=handset.imei[-4:], terms_id=terms.pk)
    except Refused:
        return False
    return True


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
