"""The file of a statement of duty: `….statement.json`, as docs/record-format.md has it ("A statement of duty")."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from portal.people.models import Person
from portal.receipts.disclosing import FILE, Disclosed
from portal.receipts.words import Covering, covering
from portal.record import places
from portal.record.canonical import Json, canonical, iso
from portal.record.models import Fact
from portal.record.notes import encode64
from portal.record.tiles import Tiles
from portal.vault.files import open_digest
from portal.vault.sealing import Erased, Missing, Opened, commitment, open_all
from reporting.models import Report
from reporting.statements import parts
from reporting.statements.parts import Party, Piece

TITLE = "Statement of duty on report {}"


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that was made: what it is about, for whom, the fact that ended the chain for it, and its pieces."""

    report: Report
    party: Party
    person: Person
    given: Fact
    pieces: list[Piece]

    @property
    def title(self) -> str:
        return TITLE.format(self.report.reference)

    @property
    def file_name(self) -> str:
        return file_name(self.report, self.given.subject_seq)

    @property
    def names(self) -> dict[str, str]:
        """How the people and posts in it are called. One for professional standards is made to be passed on, and names posts alone."""
        keys = parts.keys_in(self.pieces)
        return parts.names_of({key for key in keys if self.party is not Party.STANDARDS or key.startswith("post:")})


def file_name(report: Report, seq: int) -> str:
    """What the file of the statement with this number is called."""
    return f"statement-{report.reference}-{seq}.statement.json"


def statement(report: Report, *, party: Party, person: Person, given: Fact) -> Statement:
    """The statement that `given` (a `statement.given`) was made for: the part of the chain up to it."""
    return Statement(report, party, person, given, parts.part(party, person, report, parts.facts_of(report, given.subject_seq)))


def cover(given: Fact) -> Covering | None:
    """The newest checkpoint, or None while it does not cover `given`; whatever covers it covers its chain up to there."""
    index = Fact.objects.values_list("leaf_index", flat=True).get(pk=given.pk)
    return None if index is None else covering(index)


def content(made: Statement, checkpoint: Covering) -> bytes:
    """The file: canonical JSON and a newline. Raises ValueError where the checkpoint does not cover the statement."""
    tiles, opened = places.tiles(), _opened(made)
    words: dict[str, Json] = {
        "for": made.party.value,
        "issued_at": iso(made.given.at),
        "names": made.names,
        "reference": made.report.reference,
        "title": made.title,
    }
    members: dict[str, Json] = {
        "candour": "statement/v1",
        "subject": made.report.subject,
        "facts": [_fact(made, piece, checkpoint, tiles, opened) for piece in made.pieces],
        "checkpoint": checkpoint.note,
        "keys": checkpoint.vkeys(),
        **checkpoint.worded(words, [bytes(piece.fact.leaf_hash) for piece in made.pieces]),
    }
    return f"{canonical(members)}\n".encode()


def _fact(made: Statement, piece: Piece, checkpoint: Covering, tiles: Tiles, opened: Mapping[str, Opened]) -> dict[str, Json]:
    fact = piece.fact
    if fact.leaf_index is None:
        raise ValueError("a fact that has no place yet has no proof")
    path = [encode64(one) for one in checkpoint.path(tiles, fact.leaf_index)]
    if piece.withheld:
        return {"withheld": encode64(bytes(fact.leaf_hash)), "seq": fact.subject_seq, "index": fact.leaf_index, "path": path}
    sealed, given = json.loads(fact.sealed), parts.names_disclosed(made.party, made.person, piece)
    disclosed: dict[str, Json] = {name: _member(name, opened[name]) for name in given if _is_of(opened.get(name), sealed[name])}
    return {"leaf": fact.leaf, "index": fact.leaf_index, "path": path, "disclosed": disclosed}


def _member(name: str, value: Opened) -> dict[str, Json]:
    return Disclosed(label=name, opened=value, is_file=name.startswith(FILE)).member()


def _is_of(value: Opened | None, kept: str) -> bool:
    """A value that was sealed anew since the fact was written does not belong to it."""
    return value is not None and commitment(value.salt, value.value) == kept


def _opened(made: Statement) -> dict[str, Opened]:
    """Values and salts this party is given, by name: none once the report was erased, and none that was taken out of the vault alone."""
    names = [name for piece in made.pieces for name in parts.names_disclosed(made.party, made.person, piece)]
    texts = [name for name in names if not name.startswith(FILE)]
    try:
        found = open_all(made.report.container, *texts) if texts else {}
    except Erased:
        return {}
    except Missing:
        found = _one_by_one(texts, lambda name: open_all(made.report.container, name)[name])
    return found | _one_by_one(set(names) - set(texts), lambda name: open_digest(made.report.container, name))


def _one_by_one(names: Iterable[str], open_one: Callable[[str], Opened]) -> dict[str, Opened]:
    found = dict[str, Opened]()
    for name in names:
        with suppress(Missing):
            found[name] = open_one(name)
    return found
