"""Give committed facts their place in the tree, in batches, one sequencer at a time."""

from __future__ import annotations

from typing import Any

from psycopg import Connection

from portal.record.tree import Frontier

LOCK = 0x43414E44  # "CAND": the advisory lock that makes one sequencer at a time; whoever leads holds it for as long as they live
ROUND = LOCK + 1  # held while facts are placed and signed: whoever wants to read in between takes it for a moment
BATCH = 5_000


def sequence(connection: Connection[Any], *, most: int = BATCH) -> int:
    """Number up to `most` committed facts and keep the tree head after them; return how many.

    `connection` logs in as the sequencer role. Facts are chosen by `leaf_index IS NULL`, never by "id after the last": a transaction
    that committed late would be lost. Ids rise along each subject's chain, so every chain stands in order in the tree.
    Returns 0 where another sequencer holds the lock.
    """
    with connection.transaction(), connection.cursor() as cursor:
        row = cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK]).fetchone()
        if row is None or not row[0]:
            return 0
        facts = cursor.execute("SELECT id, leaf_hash FROM record_fact WHERE leaf_index IS NULL ORDER BY id LIMIT %s", [most]).fetchall()
        if facts:
            _place(cursor, facts)
        return len(facts)


def _place(cursor: Any, facts: list[tuple[int, bytes]]) -> None:
    frontier = _frontier(cursor)
    first = frontier.size
    for _, leaf in facts:
        frontier.push(bytes(leaf))
    cursor.execute(
        "UPDATE record_fact SET leaf_index = placed.leaf_index "
        "FROM unnest(%s::bigint[], %s::bigint[]) AS placed (id, leaf_index) WHERE record_fact.id = placed.id",
        [[key for key, _ in facts], list(range(first, frontier.size))],
    )
    cursor.execute(
        "INSERT INTO record_treehead (size, root, frontier, at) VALUES (%s, %s, %s, clock_timestamp())",
        [frontier.size, frontier.root(), bytes(frontier)],
    )


def _frontier(cursor: Any) -> Frontier:
    row = cursor.execute("SELECT size, frontier FROM record_treehead ORDER BY size DESC LIMIT 1").fetchone()
    return Frontier(row[0], bytes(row[1])) if row else Frontier()
