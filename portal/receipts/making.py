"""Make a receipt: a pure function of a fact, the tree's files and the newest checkpoint (docs/record-format.md, "A receipt").

It is final once a checkpoint covers the fact. Until then it is pending, and holds the portal's signed promise of a proof instead.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from portal.receipts import words
from portal.receipts.attesting import attest, portal_key, promise
from portal.receipts.disclosing import Disclosed
from portal.receipts.kinds import Offer
from portal.receipts.words import Covering
from portal.record import appending, places, published
from portal.record.canonical import Json, canonical, iso
from portal.record.models import Fact
from portal.record.notes import encode64

FORMAT = "receipt/v1"
PROOF = "c2sp.org/tlog-proof@v1"
PROMISED_WITHIN = timedelta(minutes=10)
UNUSABLE = re.compile(r"[^A-Za-z0-9._-]+")  # in the name of a file
ERASED = "what it said was erased since"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A receipt as a file: canonical JSON and a newline. `covering`: the checkpoint that proves it, None while it is pending."""

    data: bytes
    covering: Covering | None


def receipt(offer: Offer, disclosed: Mapping[str, Disclosed]) -> Receipt:
    """The best receipt there is of this fact now. Raises portal.record.tiles.Missing where the tree's files do not hold its proof."""
    fact = offer.fact
    covering = words.covering(fact.leaf_index) if fact.leaf_index is not None else None
    issued_at = appending.now()
    said: dict[str, Json] = {"issued_at": iso(issued_at), "names": dict(offer.names), "title": title(offer)}
    members: dict[str, Json] = {
        "candour": FORMAT,
        "leaf": fact.leaf,
        "disclosed": {name: one.member() for name, one in disclosed.items()},
        **(_final(fact, covering, said) if covering else _pending(fact, issued_at, said)),
    }
    return Receipt(f"{canonical(members)}\n".encode(), covering)


def title(offer: Offer) -> str:
    """The receipt's title: an erasure is said in it, for the file may outlive the page."""
    return f"{offer.title} ({ERASED})" if offer.erased else offer.title


def file_name(offer: Offer) -> str:
    """What the file is called, such as `report-sent-MR-7K3P-9QXA.receipt.json`."""
    return f"{UNUSABLE.sub('-', offer.stem)[:80]}.receipt.json"


def proof(covering: Covering, index: int) -> str:
    """The text of c2sp.org/tlog-proof@v1.0.0 for the leaf at `index`, without extra data. Raises portal.record.tiles.Missing."""
    path = covering.path(places.tiles(), index)
    return "\n".join([PROOF, f"index {index}", *map(encode64, path), "", covering.note])


def _final(fact: Fact, covering: Covering, said: Mapping[str, Json]) -> dict[str, Json]:
    index = fact.leaf_index
    assert index is not None  # noqa: S101 - for the type checker: a checkpoint covers placed facts alone
    return {"proof": proof(covering, index), "keys": covering.vkeys(), **covering.worded(said, [bytes(fact.leaf_hash)])}


def _pending(fact: Fact, issued_at: datetime, said: Mapping[str, Json]) -> dict[str, Json]:
    origin = published.origin()
    note = promise(origin=origin, leaf_hash=bytes(fact.leaf_hash), at=fact.at, by=max(fact.at, issued_at) + PROMISED_WITHIN)
    words_note = attest(origin=origin, words=said, leaves=[bytes(fact.leaf_hash)])
    return {"promise": note, "keys": [str(portal_key(origin))], "words": said, "words_note": words_note}
