"""A receipt on paper: what the page of `portal.receipts.paper` says, with the file inside it."""

from __future__ import annotations

import uuid

from django.conf import settings

from portal.people.models import Person
from portal.receipts import kinds, making
from portal.receipts.disclosing import Disclosed, disclosed
from portal.receipts.kinds import Offer
from portal.receipts.making import Receipt
from portal.receipts.paper.contents import Line, Paper, Part, Prose, Table, Words, at, in_london
from portal.receipts.paper.copies import Gone
from portal.record.notes import NOTE

KIND = "receipt"
PENDING = (
    "The record had not been signed since when this paper was made. The receipt in it holds the portal’s signed promise of a proof. "
    "Ask for the paper again: it becomes final by itself."
)
ERASED = "What it said was erased. The receipt still proves that it was recorded, and when."


def build(person_id: uuid.UUID, key: str) -> Paper:
    """The paper of the receipt of fact `key`. Raises Gone for whoever may not have it."""
    person = Person.objects.filter(pk=person_id).first()
    offer = kinds.offer(person, int(key)) if person else None
    if offer is None:
        raise Gone
    values = disclosed(offer)
    return paper(offer, values, making.receipt(offer, values))


def paper(offer: Offer, values: dict[str, Disclosed], receipt: Receipt) -> Paper:
    title = offer.title if not offer.title.startswith(("You ", "The ")) else offer.title[:1].lower() + offer.title[1:]
    return Paper(
        force=settings.FORCE_NAME,
        noun="receipt",
        title=f"Receipt: {title}",
        reference=offer.reference,
        facts=[at("Recorded", offer.fact.at), *_named(offer), *_files(values)],
        parts=_parts(offer, values, receipt),
        checks=_checks(offer, receipt),
        check_url=f"{settings.BASE_URL}/record/verify/",
        attachment=receipt.data,
        attachment_name=making.file_name(offer),
        final=receipt.covering is not None,
    )


def _named(offer: Offer) -> list[Line]:
    """Who did it, who else it speaks of, and by when what must be done."""
    people = {**({"By": offer.by} if offer.by else {}), **offer.parties}
    return [*(Line(label=label, value=name) for label, name in people.items()), *(at(label, due) for label, due in offer.dues.items())]


def _files(values: dict[str, Disclosed]) -> list[Line]:
    return [Line(label=one.label, value=one.text, exact=True) for one in values.values() if one.is_file]


def _parts(offer: Offer, values: dict[str, Disclosed], receipt: Receipt) -> list[Part]:
    said: list[Part] = [Words(heading=one.label, text=one.text) for one in values.values() if not (one.is_file or one.coded)]
    answers = [row for one in values.values() for row in one.rows]
    said += [Table(heading="What else you answered", columns=["Question", "Answer"], rows=answers, widths=[2, 3])] if answers else []
    if offer.erased:
        said.append(Prose(heading="Erased", paragraphs=[ERASED]))
    if receipt.covering is None:
        said.append(Prose(heading="Pending", paragraphs=[PENDING]))
    return said


def _checks(offer: Offer, receipt: Receipt) -> list[Line]:
    kind = Line(label="Kind of fact", value=offer.said, under=offer.fact.kind)  # the verifier says the kind as the leaf spells it
    covering, index = receipt.covering, offer.fact.leaf_index
    if covering is None or index is None:
        return [kind]
    signed = f"{covering.size:,} facts, at {in_london(covering.signed_at)}"
    keys = [Line(label="Key", value=str(key), exact=True) for key in covering.keys if key.name == covering.origin and key.kind == NOTE]
    return [kind, Line(label="Number in the record", value=f"{index:,}"), Line(label="Record when signed", value=signed), *keys]
