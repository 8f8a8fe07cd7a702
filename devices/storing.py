"""What stores do with a handset: confirm a return, sanitise, put in stock, allot, take back an allotment, retire."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from devices.models import HELD, Custody, Ending, Handset, State
from devices.moving import end_custody, locked, move
from devices.refusals import TheyHoldAnother
from devices.telling import tell_holder
from portal.notices.outbox import put
from portal.people.models import Person
from portal.receipts import telling


@transaction.atomic
def confirm_return(*, by: Person, handset_id: int) -> Handset:
    """Stores have it in their hands, from its holder or found: whoever held it no longer does. Raises WrongState."""
    handset = locked(handset_id)
    custody = Custody.objects.open().filter(handset=handset).select_related("holder").first()
    handset.allotted_to = None
    move(handset, State.RETURNED, kind="handset.returned", by=by, facts={"custody": custody.pk if custody else None})
    if custody:
        end_custody(custody, Ending.RETURNED)
        tell_holder(
            custody=custody,
            kind="handset.returned",
            subject=f"Stores have handset {handset.asset_tag}",
            body=f"It is no longer in your name. {telling.where()}",
        )
    return handset


@transaction.atomic
def sanitise(*, by: Person, handset_id: int) -> Handset:
    """Everything the last holder left on it is gone. Raises WrongState."""
    handset = locked(handset_id)
    move(handset, State.SANITISED, kind="handset.sanitised", by=by)
    return handset


@transaction.atomic
def put_in_stock(*, by: Person, handset_id: int) -> Handset:
    """A sanitised handset, or one allotted and not claimed, is free for anybody. Raises WrongState."""
    handset = locked(handset_id)
    handset.allotted_to = None
    move(handset, State.IN_STOCK, kind="handset.stocked", by=by)
    return handset


@transaction.atomic
def allot(*, by: Person, handset_id: int, to: Person) -> Handset:
    """Keep a handset in stock for one person and tell them to claim it. Raises WrongState, and TheyHoldAnother when they hold one."""
    handset = locked(handset_id)
    if other := Handset.objects.held_by(to).first():
        raise TheyHoldAnother(other)
    handset.allotted_to = to
    fact = move(handset, State.ALLOTTED, kind="handset.allotted", by=by, facts={"to_person": str(to.pk)})
    put(
        to=to,
        kind="handset.allotted",
        subject=f"Handset {handset.asset_tag} is ready for you",
        body="Collect it from stores and claim it.",
        link=reverse("devices:claim_tagged", args=[handset.asset_tag]),
        dedupe=f"handset.allotted:{fact.pk}",
    )
    return handset


@transaction.atomic
def retire(*, by: Person, handset_id: int) -> Handset:
    """It will not be issued again. Raises WrongState while somebody holds it."""
    handset = locked(handset_id)
    handset.allotted_to = None
    move(handset, State.RETIRED, kind="handset.retired", by=by)
    return handset


def steps(handset: Handset) -> frozenset[str]:
    """Names of the steps that its state allows now, for showing buttons. The verbs check again."""
    held = handset.state in HELD
    possible = {
        "confirm-return": State.RETURNED,
        "sanitise": State.SANITISED,
        "stock": State.IN_STOCK,
        "allot": State.ALLOTTED,
        "retire": State.RETIRED,
        "lost": State.LOST,
        "stolen": State.STOLEN,
    }
    return frozenset(step for step, state in possible.items() if handset.may_become(state) and not (held and step in ("lost", "stolen")))
