"""Report a handset lost or stolen, and find it again."""

from __future__ import annotations

from django.db import IntegrityError, transaction

from devices.models import MISSING, Custody, Ending, Handset, State
from devices.moving import end_custody, locked, locked_custody, move
from devices.refusals import HoldsAnother, WrongState
from devices.telling import tell_holder, tell_of_receipt, tell_stores
from portal.people.models import Person
from portal.receipts import telling
from portal.record.appending import now


@transaction.atomic
def report_missing(*, holder: Person, how: Ending) -> Custody:
    """The holder says it is lost or stolen: their custody ends now and stores are told at once. Raises HoldsNone."""
    custody = locked_custody(holder)
    end_custody(custody, how)
    _mark(custody.handset, how, by=holder, custody=custody.pk)
    tell_holder(
        custody=custody,
        kind=f"handset.{how.value}",
        subject=f"You reported handset {custody.handset.asset_tag} {how.value}",
        body=f"Stores have been told. If you find it, say so on your handset page. {telling.where()}",
    )
    return custody


@transaction.atomic
def mark_missing(*, by: Person, handset_id: int, how: Ending) -> Handset:
    """Stores say that a handset nobody holds is lost or stolen. Raises WrongState when somebody holds it: they must say so themselves,
    or stores confirm its return."""
    handset = locked(handset_id)
    if Custody.objects.open().filter(handset=handset).exists():
        raise WrongState(handset)
    _mark(handset, how, by=by)
    return handset


@transaction.atomic
def find(*, finder: Person, handset_id: int) -> Custody:
    """The last holder has it again: a new custody begins under the terms they accepted before.

    Raises WrongState when it is not missing or somebody else lost it, and HoldsAnother when they have claimed a new one since.
    """
    handset = locked(handset_id)
    last = last_custody(handset)
    if handset.state not in MISSING or last is None or last.holder_id != finder.pk:
        raise WrongState(handset)
    custody = _again(last, finder)
    fact = move(handset, State.CLAIMED, kind="handset.found", by=finder, facts={"custody": custody.pk, "holder": str(finder.pk)})
    tell_stores(
        handset=handset,
        kind="handset.found",
        subject=f"Handset {handset.asset_tag} was found",
        body="Its holder has it again. If it was wiped, set it up for them.",
        dedupe=f"handset.found:{custody.pk}",
    )
    tell_of_receipt(custody=custody, fact=fact)
    return custody


def last_custody(handset: Handset) -> Custody | None:
    return Custody.objects.filter(handset=handset).newest_first().first()


def _again(last: Custody, finder: Person) -> Custody:
    try:
        with transaction.atomic():
            return Custody.objects.create(handset=last.handset, holder=finder, terms_id=last.terms_id, claimed_at=now())
    except IntegrityError:
        raise HoldsAnother(Handset.objects.held_by(finder).get()) from None


def _mark(handset: Handset, how: Ending, *, by: Person, custody: int | None = None) -> None:
    handset.allotted_to = None
    fact = move(handset, how.value, kind=f"handset.{how.value}", by=by, facts={"custody": custody})
    tell_stores(
        handset=handset,
        kind=f"handset.{how.value}",
        subject=f"Handset {handset.asset_tag} was reported {how.value}",
        body="Lock or wipe it now, and record the crime reference if it was stolen." if how == Ending.STOLEN else "Lock or wipe it now.",
        dedupe=f"handset.{how.value}:{fact.pk}",
    )
