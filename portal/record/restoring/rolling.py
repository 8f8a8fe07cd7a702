"""Roll an older database forward: put back, from the mirror of leaves, the facts that were signed after it was copied.

Twice over the mirror: once to see that every leaf fits, without writing; once to write. All of it is one transaction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from django.db import IntegrityError, connection
from django.db.backends.utils import CursorWrapper

from portal.postgres.base import one, rows
from portal.record import places
from portal.record.models import Fact
from portal.record.restoring.owning import Refused
from portal.record.restoring.reading_back import BadLeaf, Leaf, read_leaf
from portal.record.tree import Frontier, leaf_hash

PAGE = 5_000
NOTHING = bytes(32)
ENDS = """
SELECT DISTINCT ON (subject) subject, subject_seq, leaf_hash FROM record_fact
WHERE subject = ANY(%s::text[]) AND leaf_index IS NOT NULL ORDER BY subject, subject_seq DESC
"""
INSERT = """
INSERT INTO record_fact (id, kind, subject, actor, facts, sealed, subject_seq, at, prev, leaf_hash, leaf_index, leaf_version)
VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
"""
TREE = "INSERT INTO record_treehead (size, root, frontier, at) VALUES (%s, %s, %s, clock_timestamp())"
CHAINS = """
INSERT INTO record_chain (subject, seq, head, at)
SELECT DISTINCT ON (subject) subject, subject_seq, leaf_hash, at FROM record_fact
WHERE subject = ANY(%s::text[]) ORDER BY subject, subject_seq DESC
ON CONFLICT (subject) DO UPDATE SET seq = EXCLUDED.seq, head = EXCLUDED.head, at = EXCLUDED.at
"""
FORK = (
    "{fact} is in the database and not in the signed record, which has another fact in its place: something was written after the older "
    "database was put back. The two cannot be joined. Put back the backup again and run this before anything is written, or open a new "
    "shard with --new-shard."
)


class Forked(Refused):
    """The database holds a fact that the signed record contradicts."""


class Damaged(Refused):
    """The mirror is not what was signed."""


@dataclass(slots=True)
class Plan:
    """How to come from a tree of `start` leaves to one of `to`.

    `waiting`: ids of facts that are in the database without a place, by leaf hash. `lost`: how many facts of each kind the database
    has not, with their subjects. `ends`: number and hash of the last link of each chain that the mirror touches.
    """

    start: int
    to: int
    waiting: dict[bytes, int] = field(default_factory=dict)
    matched: set[bytes] = field(default_factory=set)
    ends: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    lost: dict[str, list[str]] = field(default_factory=dict)
    keys: set[int] = field(default_factory=set)


def plan(*, to: int, root: bytes | None) -> Plan:
    """See whether the mirror leads from the database's tree to the one of `to` leaves and `root` (None: no signature of it is known).

    Writes nothing. Raises Damaged, Forked and Refused.
    """
    head = one("SELECT size, root FROM record_treehead ORDER BY size DESC LIMIT 1")
    start, held = (head[0], bytes(head[1])) if head else (0, Frontier().root())
    if (mirrored := places.mirror().size()) < to:
        raise Damaged(
            f"The mirror (RECORD_DIR/leaves) holds {mirrored} of the {to} leaves that were signed. Put back a whole copy of it, or a newer "
            "backup of the database; where there is neither, open a new shard with --new-shard."
        )
    _check_roots(start, held, to, root)
    made = Plan(
        start, to, waiting={bytes(row[1]): row[0] for row in rows("SELECT id, leaf_hash FROM record_fact WHERE leaf_index IS NULL")}
    )
    for page in _pages(start, to):
        _follow(made, page)
    _check_left_over(made)
    return made


def write(made: Plan) -> None:
    """Carry out a plan, inside `owning.rewriting`. Raises Forked where the database has changed since."""
    head = one("SELECT size, frontier FROM record_treehead ORDER BY size DESC LIMIT 1")
    frontier = Frontier(head[0], bytes(head[1])) if head else Frontier()
    (highest,) = one("SELECT coalesce(max(id), 0) FROM record_fact") or (0,)
    free = count(max([*made.keys, highest]) + 1)  # ids for leaves of the first version, which hold none
    with connection.cursor() as cursor:
        for page in _pages(made.start, made.to):
            placed, inserted = list[tuple[int, int]](), list[tuple[Any, ...]]()
            for index, leaf in enumerate(page, frontier.size):
                if (key := made.waiting.get(leaf.hash)) is not None:
                    placed.append((index, key))
                else:
                    inserted.append(_row(leaf, leaf.key or next(free), index))
            frontier.extend([leaf.hash for leaf in page])
            _put_back(cursor, placed, inserted)
        cursor.execute(TREE, [frontier.size, frontier.root(), bytes(frontier)])
        cursor.execute(CHAINS, [list(made.ends)])
        cursor.execute("SELECT setval('record_fact_id_seq', max(id)) FROM record_fact")


def _row(leaf: Leaf, key: int, index: int) -> tuple[Any, ...]:
    """As INSERT takes it."""
    said = leaf.kind, leaf.subject, leaf.actor, leaf.facts, leaf.sealed
    return key, *said, leaf.seq, leaf.at, leaf.before, leaf.hash, index, 1 if leaf.key is None else 2


def _put_back(cursor: CursorWrapper, placed: list[tuple[int, int]], inserted: list[tuple[Any, ...]]) -> None:
    try:
        cursor.executemany(INSERT, inserted)
    except IntegrityError as error:
        raise Forked(FORK.format(fact="A fact")) from error
    cursor.executemany("UPDATE record_fact SET leaf_index = %s WHERE id = %s", placed)


def _pages(start: int, to: int) -> Iterator[list[Leaf]]:
    page: list[Leaf] = []
    for number, text in enumerate(places.mirror().read(start), start):
        if number == to:
            break
        try:
            page.append(read_leaf(text))
        except BadLeaf as error:
            raise Damaged(f"Line {number} of the mirror is not a leaf: {error}. Put back a copy of RECORD_DIR/leaves.") from error
        if len(page) == PAGE:
            yield page
            page = []
    yield page


def _check_roots(start: int, held: bytes, to: int, root: bytes | None) -> None:
    """That the mirror begins with the database's tree and ends in the signed one."""
    frontier, same = Frontier(), start == 0
    try:
        for text in places.mirror().read():
            if frontier.size == to:
                break
            frontier.push(leaf_hash(text.encode()))
            same = same or (frontier.size == start and frontier.root() == held)
    except UnicodeDecodeError as error:
        raise Damaged("The mirror holds bytes that are no text. Put back a copy of RECORD_DIR/leaves.") from error
    if root is not None and frontier.root() != root:
        raise Damaged(
            f"The mirror’s first {to} leaves are not those that were signed: a file in RECORD_DIR/leaves was changed. Put back a copy of "
            "it; where there is none, open a new shard with --new-shard."
        )
    if not same:
        raise Forked(
            f"The database’s first {start} facts are not those that were signed. Put back a backup from before they were changed and run "
            "this again; where there is none, open a new shard with --new-shard."
        )


def _follow(made: Plan, page: list[Leaf]) -> None:
    """Follow the chains through one page of leaves."""
    unknown = [leaf.subject for leaf in page if leaf.subject not in made.ends]
    made.ends |= {subject: (seq, bytes(end)) for subject, seq, end in rows(ENDS, [unknown])}
    for leaf in page:
        seq, end = made.ends.get(leaf.subject, (0, NOTHING))
        if (leaf.seq, leaf.before) != (seq + 1, end):
            raise Damaged(f"The mirror’s leaves about {leaf.subject} do not follow on from the database’s. Run manage.py verify_record.")
        made.ends[leaf.subject] = (leaf.seq, leaf.hash)
        if leaf.key is not None:
            made.keys.add(leaf.key)
        if leaf.hash in made.waiting:
            made.matched.add(leaf.hash)
        else:
            made.lost.setdefault(leaf.kind, []).append(leaf.subject)


def _check_left_over(made: Plan) -> None:
    """A fact that no leaf of the mirror knows may stay only where it can still follow what was signed."""
    left = [key for leaf, key in made.waiting.items() if leaf not in made.matched]
    for fact in Fact.objects.filter(pk__in=left).order_by("id"):
        made.ends |= {s: (n, bytes(end)) for s, n, end in rows(ENDS, [[fact.subject]]) if s not in made.ends}
        seq, end = made.ends.get(fact.subject, (0, NOTHING))
        if fact.pk in made.keys or (fact.subject_seq, bytes(fact.prev)) != (seq + 1, end):
            raise Forked(FORK.format(fact=f"Fact {fact.pk} ({fact.kind}, {fact.subject})"))
        made.ends[fact.subject] = (fact.subject_seq, bytes(fact.leaf_hash))
