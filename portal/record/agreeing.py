"""Hold the record's rows against each other: columns against hash, place against tree, chain, tree head and checkpoint.

PostgreSQL builds each leaf from its row's columns, as the trigger built it; hashes and trees are made again here. Everything is
streamed, so that memory stays the same however long the record is. Callers bring a connection in a transaction of their own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from psycopg import Connection

from portal.record.checkpoints import OF_THIS_SHARD, parse_signed
from portal.record.leaves import AT, LEAF
from portal.record.notes import SIGNATURE_BYTES, TIME_BYTES, BadNote, Line, parse_lines
from portal.record.tree import Frontier, leaf_hash

Row = tuple[Any, ...]
PAGE = 2_000
LAST = 2**63 - 1  # the place, for sorting, of what has none

# One leaf has one reading: `facts` and `sealed` may not reach over what follows them, nor a year before Christ look like one after.
UNLINKED = """(fact.prev IS DISTINCT FROM coalesce(before.leaf_hash, decode(repeat('00', 32), 'hex'))
    OR (fact.subject_seq > 1) IS DISTINCT FROM (before.id IS NOT NULL))"""
LINKS = f"""
SELECT fact.id, fact.kind, fact.subject, fact.subject_seq, fact.leaf_index, {UNLINKED}, to_jsonb(fact)::text
FROM record_fact AS fact
LEFT JOIN record_fact AS before ON before.subject = fact.subject AND before.subject_seq = fact.subject_seq - 1
WHERE {UNLINKED} OR fact.facts ~ ',"kind":"[^"]*","prev":"' OR fact.sealed ~ ',"seq":[0-9]+,"subject":"'
    OR fact.at NOT BETWEEN '2020-01-01+00' AND '9999-01-01+00'
ORDER BY fact.leaf_index NULLS LAST, fact.id
"""  # noqa: S608 - constants
UNHASHED = f"leaf_hash IS DISTINCT FROM sha256('\\x00'::bytea || convert_to({LEAF}, 'UTF8'))"
WAITING = f"""
SELECT id, kind, subject, subject_seq, leaf_index, {UNHASHED}, to_jsonb(record_fact)::text
FROM record_fact
WHERE leaf_index IS NULL AND ({UNHASHED} OR at < (SELECT max(signed_at) FROM record_checkpoint) - interval '600 seconds')
ORDER BY id
"""  # noqa: S608 - constants
ROW_TEXT = f"""convert_to(concat_ws(E'\\t', coalesce(actor, '\\N'), coalesce({AT}, '\\N'), coalesce(facts, '\\N'), id,
    coalesce(kind, '\\N'), coalesce(sealed, '\\N'), subject_seq, coalesce(subject, '\\N'), coalesce(encode(leaf_hash, 'hex'), '\\N'),
    coalesce(leaf_index::text, '\\N')), 'UTF8')"""
PLACED = f"""
SELECT id, kind, subject, subject_seq, leaf_index, convert_to({LEAF}, 'UTF8'), leaf_hash
FROM record_fact WHERE leaf_index IS NOT NULL ORDER BY leaf_index
"""  # noqa: S608 - constants
# The same with each row's columns, tab between them, as PostgreSQL holds them; a time that is no time of ours as PostgreSQL writes it.
PLACED_ROWS = PLACED.replace("leaf_hash\nFROM", f"leaf_hash, {ROW_TEXT}\nFROM")
WHOLE = "SELECT to_jsonb(record_fact)::text FROM record_fact WHERE id = %s LIMIT 1"
HEADS = "SELECT size, root, frontier, to_jsonb(record_treehead)::text FROM record_treehead ORDER BY size"
CHAINS = """
SELECT coalesce(told.subject, kept.subject), told.many, told.last, kept.seq, to_jsonb(kept)::text
FROM (SELECT subject, count(*) AS many, max(subject_seq) AS last FROM record_fact GROUP BY subject) AS told
LEFT JOIN record_fact AS fact ON fact.subject = told.subject AND fact.subject_seq = told.last
FULL JOIN record_chain AS kept ON kept.subject = told.subject
WHERE told.many IS DISTINCT FROM kept.seq OR told.last IS DISTINCT FROM kept.seq OR fact.leaf_hash IS DISTINCT FROM kept.head
    OR fact.at IS DISTINCT FROM kept.at
ORDER BY 1
"""
SIGNED = f"""
SELECT kept.note, kept.size, kept.root, extract(epoch FROM kept.signed_at)::bigint, head.root, to_jsonb(kept)::text
FROM record_checkpoint AS kept LEFT JOIN record_treehead AS head USING (size) WHERE {OF_THIS_SHARD} ORDER BY kept.id
"""  # noqa: S608 - constants
COSIGNED = """
SELECT cosigned.line, cosigned.witness, extract(epoch FROM cosigned.at)::bigint, kept.id IS NOT NULL, to_jsonb(cosigned)::text
FROM record_cosignature AS cosigned LEFT JOIN record_checkpoint AS kept ON kept.id = cosigned.checkpoint_id ORDER BY cosigned.id
"""


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A row that does not agree with another. `said`: half a sentence that names it. `index`: its place in the tree, for sorting."""

    table: str
    code: str
    said: str
    row: str = "null"  # JSON, the whole row
    index: int = LAST


@dataclass
class Walk:
    """The leaves in the order of the tree. `each` is given every page of `query`, and the leaves' hashes; read `frontier` at the end."""

    connection: Connection[Any]
    each: Callable[[list[Row], list[bytes]], None] = lambda _page, _hashes: None
    query: str = PLACED
    frontier: Frontier = field(default_factory=Frontier)

    def disagreements(self) -> Iterator[Disagreement]:
        """Rows of facts and tree heads that disagree with the tree; the first is named before any that follows from it."""
        expected = 0
        heads = stream(self.connection, "record_heads", HEADS)
        head = next(heads, None)
        for page in pages(self.connection, "record_placed", self.query):
            leaves = [row[5] for row in page]
            hashes = [leaf_hash(leaf) for leaf in leaves]
            yield from self._misplaced(page, hashes, expected)
            expected = page[-1][4] + 1
            done = 0
            while head is not None and head[0] <= self.frontier.size + len(page) - done:
                many = max(head[0] - self.frontier.size, 0)
                self.frontier.extend(hashes[done : done + many])
                done += many
                yield from self._head(head)
                head = next(heads, None)
            self.frontier.extend(hashes[done:])
            self.each(page, hashes)
        while head is not None:
            said = f"a tree of {head[0]} facts was recorded, but only {self.frontier.size} facts have a place"
            yield Disagreement("record_treehead", "short", said, head[3], self.frontier.size)
            head = next(heads, None)

    def _head(self, head: Row) -> Iterator[Disagreement]:
        if (head[0], head[1], head[2]) != (self.frontier.size, self.frontier.root(), bytes(self.frontier)):
            said = f"the tree of {head[0]} facts no longer has the root it was given"
            yield Disagreement("record_treehead", "root", said, head[3], max(head[0] - 1, 0))

    def _misplaced(self, page: list[Row], hashes: list[bytes], expected: int) -> Iterator[Disagreement]:
        for row, real in zip(page, hashes, strict=True):
            place = row[4]
            if place > expected:
                said = f"fact {expected} of the tree is missing: the next is {named(row)}"
                yield _fact("place", said, (*row, self._whole(row[0])), expected)
            elif place < expected:
                yield _fact("place", f"{named(row)} has a place that another fact has", (*row, self._whole(row[0])))
            if row[6] != real:
                yield _fact("hash", f"{named(row)} does not have the hash of its leaf", (*row, self._whole(row[0])))
            expected = place + 1

    def _whole(self, key: int) -> str:
        row = self.connection.execute(WHOLE, [key]).fetchone()
        return str(row[0]) if row else "null"


def disagreements(connection: Connection[Any]) -> Iterator[Disagreement]:
    """Every row that disagrees with another, but for what a `Walk` finds."""
    for row in stream(connection, "record_links", LINKS):
        said = "does not follow on from the fact before it" if row[5] else "says what no fact can say"
        yield _fact("link" if row[5] else "columns", f"{named(row)} {said}", row)
    for row in stream(connection, "record_waiting", WAITING):
        said = "does not have the hash of its leaf" if row[5] else "waits for its place, though signatures were made long after it"
        yield _fact("hash" if row[5] else "waiting", f"{named(row)} {said}", row)
    for subject, many, last, kept, whole in stream(connection, "record_chains", CHAINS):
        had, ends = f"{many or 0} facts up to number {last or 0}", f"number {kept}" if kept else "nothing"
        said = f"the chain of {subject} has {had}, but was kept as ending at {ends} with its own hash and time"
        yield Disagreement("record_chain", "chain", said, whole or "null")
    yield from _signed(connection)
    yield from _cosigned(connection)


def _signed(connection: Connection[Any]) -> Iterator[Disagreement]:
    """Checkpoints whose columns do not say what their note says, or whose root is not that of the tree head of their size."""
    for note, size, root, at, head, whole in stream(connection, "record_signed", SIGNED):
        try:
            checkpoint, signed = parse_signed(note)
            agrees = (checkpoint.size, checkpoint.root, _time(signed.lines, checkpoint.origin)) == (size, root, at)
        except BadNote:
            agrees = False
        if not agrees:
            said = f"the checkpoint of {size} facts does not say what its note says"
            yield Disagreement("record_checkpoint", "note", said, whole, max((size or 0) - 1, 0))
        elif head != root:
            yield Disagreement("record_checkpoint", "head", f"the tree of {size} facts is not the one signed", whole, max(size - 1, 0))


def _cosigned(connection: Connection[Any]) -> Iterator[Disagreement]:
    for line, witness, at, there, whole in stream(connection, "record_cosigned", COSIGNED):
        try:
            (parsed,) = parse_lines(line)
            agrees = there and parsed.name == witness and int.from_bytes(parsed.signature[:TIME_BYTES]) == at
        except (BadNote, ValueError):
            agrees = False
        if not agrees:
            yield Disagreement("record_cosignature", "line", f"a cosignature of {witness} does not say what its line says", whole)


def _time(lines: Sequence[Line], origin: str) -> int | None:
    """The latest time that the log itself says in a note, its signatures not checked."""
    timed = [line.signature for line in lines if line.name == origin and len(line.signature) == TIME_BYTES + SIGNATURE_BYTES]
    return max((int.from_bytes(signature[:TIME_BYTES]) for signature in timed), default=None)


def _fact(code: str, said: str, row: Row, index: int | None = None) -> Disagreement:
    place = index if index is not None else row[4]
    return Disagreement("record_fact", code, said, row[-1], LAST if place is None else place)


def named(row: Row) -> str:
    """A fact for people to find. `row` begins with its id, kind, subject, number and place."""
    key, kind, subject, seq, place = row[:5]
    where = "not placed yet" if place is None else f"at place {place} of the tree"
    return f"fact {key} ({kind} about {subject}, number {seq}, {where})"


def stream(connection: Connection[Any], name: str, query: str) -> Iterator[Row]:
    for page in pages(connection, name, query):
        yield from page


def pages(connection: Connection[Any], name: str, query: str) -> Iterator[list[Row]]:
    """What a query gives, `PAGE` rows at a time, through a cursor that PostgreSQL keeps."""
    with connection.cursor(name=name, binary=True) as cursor:
        cursor.execute(query.encode())
        while page := cursor.fetchmany(PAGE):
            yield page
            if len(page) < PAGE:
                return
