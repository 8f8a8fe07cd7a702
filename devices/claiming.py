"""Claim a handset: its asset tag, the last four digits of its IMEI, and the terms of issue accepted."""

from __future__ import annotations

from datetime import timedelta

from django.db import transaction

from devices.discrepancies import report
from devices.models import MISSING, Custody, Handset, Oddity, State, WrongTry
from devices.refusals import AlreadyYours, HoldsAnother, NotYours, Refused, TermsChanged, TooManyTries, UnknownTag, WrongDigits
from devices.telling import tell_holder
from portal.people.models import Person
from portal.postgres.base import one
from portal.receipts import telling
from portal.record.appending import append, person_actor
from portal.record.canonical import iso

TRIES, TRIES_WITHIN = 5, timedelta(minutes=15)

HANDSET = [field.attname for field in Handset._meta.concrete_fields]
IN_HAND = f"""
SELECT {", ".join(f"handset.{name}" for name in HANDSET)},
    (SELECT count(*) FROM devices_wrongtry AS tried WHERE tried.person_id = %(person)s AND tried.at > now() - %(within)s::interval),
    (SELECT max(id) FROM devices_terms)
FROM devices_handset AS handset WHERE handset.asset_tag = %(tag)s
"""  # noqa: S608 - names of columns
# One statement takes the handset and writes its custody. Whoever comes second finds the state changed, or the holder's other custody.
TAKE = """
WITH taken AS (
    UPDATE devices_handset SET state = 'claimed', allotted_to_id = %(holder)s
    WHERE id = %(handset)s AND (state = 'in_stock' OR state = 'allotted' AND allotted_to_id = %(holder)s)
    RETURNING id
)
INSERT INTO devices_custody (handset_id, holder_id, terms_id, claimed_at)
SELECT taken.id, %(holder)s, terms.id, clock_timestamp() FROM taken, devices_terms AS terms WHERE terms.id = %(terms)s
ON CONFLICT DO NOTHING
RETURNING id, claimed_at, (SELECT encode(sha256(convert_to(text, 'UTF8')), 'hex') FROM devices_terms WHERE id = terms_id)
"""


class NotTaken(Exception):
    """Somebody or something stood in the way; `obstacle` finds out what."""


def claim(*, holder: Person, asset_tag: str, last_four: str, terms_id: int) -> Custody:
    """Make `holder` the handset's holder, under the newest terms of issue.

    Raises the refusals of `in_hand`, TermsChanged, AlreadyYours, HoldsAnother and NotYours. A handset that is in the hand of somebody
    who may not claim it is a discrepancy, opened for stores in a transaction of its own.
    """
    handset, newest_terms = in_hand(person=holder, asset_tag=asset_tag, last_four=last_four)
    if terms_id != newest_terms:
        raise TermsChanged
    try:
        with transaction.atomic():
            return _take(holder, handset, terms_id)
    except NotTaken:
        refused = obstacle(holder, handset) or Refused("Somebody else was claiming this handset. Try again.")
    if isinstance(refused, NotYours):
        report(handset=handset, by=holder, what=refused.oddity, holder=refused.ask)
    raise refused


def report_in_hand(*, person: Person, asset_tag: str, last_four: str) -> NotYours | None:
    """Somebody has in their hand a handset that they may not claim: stores are told, and the answer says whom to ask.

    None when nothing, or only this person, stands in the way. Raises the refusals of `in_hand`.
    """
    handset, _ = in_hand(person=person, asset_tag=asset_tag, last_four=last_four)
    refused = obstacle(person, handset)
    if not isinstance(refused, NotYours):
        return None
    report(handset=handset, by=person, what=refused.oddity, holder=refused.ask)
    return refused


def in_hand(*, person: Person, asset_tag: str, last_four: str) -> tuple[Handset, int | None]:
    """The handset whose tag and last four digits these are, and the key of the newest terms of issue.

    Wrong digits are counted, so that nobody can try them all. Raises UnknownTag, TooManyTries and WrongDigits.
    """
    found = one(IN_HAND, {"person": person.pk, "tag": asset_tag.strip().upper(), "within": TRIES_WITHIN})
    if found is None:
        raise UnknownTag
    *columns, tries, newest_terms = found
    handset = Handset.from_db("default", HANDSET, columns)
    if tries >= TRIES:
        raise TooManyTries
    if handset.imei[-4:] != last_four:
        WrongTry.objects.create(person=person)
        raise WrongDigits
    return handset, newest_terms


def obstacle(person: Person, handset: Handset) -> Refused | None:
    """What stops `person` from claiming `handset` now, or None. Reads the handset afresh."""
    handset = Handset.objects.select_related("allotted_to__unit").get(pk=handset.pk)
    custody = Custody.objects.open().filter(handset=handset).select_related("holder__unit").first()
    if custody is not None:
        return AlreadyYours(custody) if custody.holder_id == person.pk else NotYours(Oddity.HELD, handset, custody.holder)
    if handset.state == State.ALLOTTED and handset.allotted_to_id != person.pk:
        return NotYours(Oddity.ALLOTTED, handset, handset.allotted_to)
    if handset.state in MISSING:
        return NotYours(Oddity.MISSING, handset)
    if handset.state == State.RETIRED:
        return NotYours(Oddity.RETIRED, handset)
    if handset.state in (State.RETURNED, State.SANITISED):
        return NotYours(Oddity.NOT_READY, handset)
    other = Handset.objects.held_by(person).first()
    return HoldsAnother(other) if other else None


def _take(holder: Person, handset: Handset, terms_id: int) -> Custody:
    row = one(TAKE, {"holder": holder.pk, "handset": handset.pk, "terms": terms_id})
    if row is None:
        raise NotTaken
    custody = Custody(pk=row[0], handset=handset, holder=holder, terms_id=terms_id, claimed_at=row[1])
    append(
        kind="handset.claimed",
        subject=handset.subject,
        actor=person_actor(holder),
        facts={"custody": custody.pk, "holder": str(holder.pk), "claimed_at": iso(row[1]), "terms": terms_id, "terms_sha256": row[2]},
    )
    tell_holder(
        custody=custody,
        kind="handset.claimed",
        subject=f"You claimed handset {handset.asset_tag}",
        body=(
            "It is in your name until stores confirm that they have it back. If you did not claim it, tell your stores now. "
            f"{telling.where()}"
        ),
    )
    return custody
