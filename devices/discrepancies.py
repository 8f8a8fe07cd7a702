"""Discrepancies: opened when a handset is in a hand it should not be in, closed by stores with what they found."""

from __future__ import annotations

from django.db import transaction
from django.urls import reverse

from devices.models import Discrepancy, Handset, Oddity
from devices.refusals import AlreadyClosed
from devices.telling import tell_stores
from portal.erasure.erased import sentence
from portal.notices.outbox import put
from portal.people.models import Person
from portal.record.appending import append, now, person_actor
from portal.vault.sealing import Erased, open_container, read_text, seal


@transaction.atomic
def report(*, handset: Handset, by: Person, what: Oddity, holder: Person | None = None) -> Discrepancy:
    """Open a discrepancy about `handset`, or return the one that `by` opened before and that stores have not closed.

    holder: who should have it, told as well, so that they can report it lost.
    """
    opened, is_new = Discrepancy.objects.get_or_create(handset=handset, reported_by=by, what=what, closed_at=None)
    if not is_new:
        return opened
    append(
        kind="discrepancy.opened",
        subject=handset.subject,
        actor=person_actor(by),
        facts={"discrepancy": opened.pk, "what": str(what), "reported_by": str(by.pk)},
    )
    tell_stores(
        handset=handset,
        kind="discrepancy.opened",
        subject=f"Discrepancy: handset {handset.asset_tag}",
        body=f"{Oddity(what).label}. Look into it.",
        dedupe=f"discrepancy.opened:{opened.pk}",
    )
    if holder is not None and what == Oddity.HELD:
        _tell_rightful_holder(opened, handset, holder)
    return opened


@transaction.atomic
def close(*, discrepancy_id: int, by: Person, note: str) -> Discrepancy:
    """Close it with what stores found, sealed. Raises AlreadyClosed and Discrepancy.DoesNotExist."""
    discrepancy = Discrepancy.objects.select_for_update(of=("self",)).select_related("handset", "reported_by").get(pk=discrepancy_id)
    if discrepancy.closed_at is not None:
        raise AlreadyClosed
    discrepancy.container = open_container(purpose="discrepancy")
    sealed = seal(container=discrepancy.container, values={"note": note})
    discrepancy.closed_at, discrepancy.closed_by = now(), by
    discrepancy.save(update_fields=["closed_at", "closed_by", "container"])
    append(
        kind="discrepancy.closed",
        subject=discrepancy.handset.subject,
        actor=person_actor(by),
        facts={"discrepancy": discrepancy.pk},
        sealed=sealed,
    )
    put(
        to=discrepancy.reported_by,
        kind="discrepancy.closed",
        subject=f"Stores have looked into handset {discrepancy.handset.asset_tag}",
        body="They have closed what you told them about it.",
        link=reverse("devices:handset"),
        dedupe=f"discrepancy.closed:{discrepancy.pk}",
    )
    return discrepancy


def misfit_told(handset: Handset, by: Person) -> bool:
    """Whether `by` told stores that the label of `handset` does not fit, and stores have not closed it."""
    return Discrepancy.objects.open().filter(handset=handset, reported_by=by, what=Oddity.DIFFERENT).exists()


def noted(discrepancy: Discrepancy) -> tuple[Discrepancy, str]:
    """A discrepancy with what stores found: nothing while it is open, and once the note was erased, when and on which ground."""
    return discrepancy, _note(discrepancy)


def _note(discrepancy: Discrepancy) -> str:
    if discrepancy.container is None:
        return ""
    try:
        return read_text(discrepancy.container, "note")["note"]
    except Erased:
        return sentence(discrepancy.container)


def _tell_rightful_holder(opened: Discrepancy, handset: Handset, holder: Person) -> None:
    put(
        to=holder,
        kind="handset.elsewhere",
        subject=f"Somebody else has handset {handset.asset_tag}",
        body="It is in your name, and a colleague who has it in their hand tried to claim it. If it is not with you, report it lost.",
        link=reverse("devices:handset"),
        dedupe=f"handset.elsewhere:{opened.pk}",
    )
