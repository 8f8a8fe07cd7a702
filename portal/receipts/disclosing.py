"""What a receipt gives away beside the fact: values that its holder may have, each with the salt that its hash was made with."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from portal.receipts.kinds import Offer
from portal.record.canonical import Json
from portal.record.notes import encode64
from portal.vault.files import open_digest
from portal.vault.sealing import Erased, Opened, open_all

FILE = "file-"  # a sealed name that begins so has a file's digest for its value (docs/record-format.md, "A fact")


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A value with its salt. label: what people call it. is_file: the value is a file's SHA-256 digest. coded: it is for machines.

    rows: what a coded value says, as labels and texts.
    """

    label: str
    opened: Opened
    is_file: bool = False
    coded: bool = False
    rows: Sequence[tuple[str, str]] = ()

    def member(self) -> dict[str, Json]:
        """As it stands in `disclosed`."""
        given = {"sha256": self.opened.value.hex()} if self.is_file else {"value": encode64(self.opened.value)}
        return {"salt": encode64(self.opened.salt), **given}

    @property
    def text(self) -> str:
        """For people to read."""
        return self.opened.value.hex() if self.is_file else self.opened.value.decode()


def disclosed(offer: Offer, *, files: bool = True) -> dict[str, Disclosed]:
    """The values of this receipt by name; none once they are erased. `files`: digests of files too, each of which is read for it."""
    if offer.container is None or offer.erased:
        return {}
    names = [name for name in offer.sealed if files or not name.startswith(FILE)]
    try:
        found = _opened(offer.container, names)
        return {name: _disclosed(offer, name, found[name]) for name in names}
    except Erased:  # a moment ago
        return {}


def _disclosed(offer: Offer, name: str, opened: Opened) -> Disclosed:
    rows = offer.spelled[name](opened.value.decode()) if name in offer.spelled else ()
    return Disclosed(offer.sealed[name], opened, name.startswith(FILE), name in offer.coded, rows)


def _opened(container: uuid.UUID, names: Sequence[str]) -> dict[str, Opened]:
    files = [name for name in names if name.startswith(FILE)]
    texts = [name for name in names if name not in files]
    found = open_all(container, *texts) if texts else {}
    return found | {name: open_digest(container, name) for name in files}
