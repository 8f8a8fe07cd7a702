"""Every way to change the record that is tried, each as one act of a superuser with the triggers and constraints out of the way."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import Connection

from tests.tamper.edits import EDITS, TABLES
from tests.tamper.forging import Forger, an_hour_before, forged, own_signature
from tests.tamper.record import rows

Act = Callable[[Connection[Any]], bool]

# The same, with links and hash made to fit: one column that a reader would look at.
FITTED: dict[str, Any] = {
    "kind": lambda fact: "report.sent" if fact["kind"] != "report.sent" else "report.added",
    "actor": lambda _fact: "person:999",
    "facts": lambda _fact: '{"level":99}',
    "sealed": lambda _fact: '{"message":"hmac-sha256:' + "0" * 64 + '"}',
    "at": an_hour_before,
}


@dataclass(frozen=True)
class Mutation:
    """`how`: the operation, `what`: the kind of the fact, or the table, it is done to. `act` returns whether anything changed."""

    how: str
    what: str
    act: Act


def all_of(connection: Connection[Any], seed: int = 1) -> list[Mutation]:
    """Every mutation of the record that `connection` sees, in an order that `seed` shuffles."""
    found = [*_edits(connection), *_forgeries(connection), *_tables(connection)]
    random.Random(seed).shuffle(found)
    return found


def sample(mutations: list[Mutation], many: int) -> list[Mutation]:
    """Some of them, among which every operation and every kind of fact is met."""
    hows, whats = {one.how for one in mutations}, {one.what for one in mutations}
    chosen: list[Mutation] = []
    for one in mutations:
        if one.how in hows or one.what in whats:
            hows.discard(one.how)
            whats.discard(one.what)
            chosen.append(one)
    rest = [one for one in mutations if one not in chosen]
    return chosen + rest[: max(many - len(chosen), 0)]


def _edits(connection: Connection[Any]) -> Iterator[Mutation]:
    for fact in rows(connection, "record_fact"):
        for column, ways in EDITS.items():
            for name, expression in ways.items():
                query = (
                    f"UPDATE record_fact SET {column} = {expression} WHERE id = {fact['id']} AND {column} IS DISTINCT FROM ({expression})"  # noqa: S608
                )
                yield Mutation(f"edit {column}: {name}", fact["kind"], _run(query))
        yield Mutation("delete", fact["kind"], _run(f"DELETE FROM record_fact WHERE id = {fact['id']}"))  # noqa: S608
        yield Mutation("copy", fact["kind"], _run(_copy(fact["id"])))


def _copy(key: int) -> str:
    columns = "kind, subject, actor, facts, sealed, subject_seq, at, prev, leaf_hash, leaf_index, leaf_version"
    return f"INSERT INTO record_fact (id, {columns}) SELECT id + 1000000, {columns} FROM record_fact WHERE id = {key}"  # noqa: S608


def _tables(connection: Connection[Any]) -> Iterator[Mutation]:
    keys = {"record_chain": "subject", "record_treehead": "size", "record_checkpoint": "id", "record_cosignature": "id"}
    for table, ways in TABLES.items():
        for row in rows(connection, table):
            key = row[keys[table]]
            for name, way in ways.items():
                where = f"{keys[table]} = '{key}'" if isinstance(key, str) else f"{keys[table]} = {key}"
                yield Mutation(f"{table}: {name}", table, _run(_statement(table, way, where)))


def _statement(table: str, way: str, where: str) -> str:
    if way == "delete":
        return f"DELETE FROM {table} WHERE {where}"  # noqa: S608 - our own words
    column, _, expression = way.partition(" = ")
    return f"UPDATE {table} SET {way} WHERE {where} AND {column} IS DISTINCT FROM ({expression})"  # noqa: S608


def _run(query: str) -> Act:
    def act(connection: Connection[Any]) -> bool:
        return connection.execute(query.encode()).rowcount > 0

    return act


def _forgeries(connection: Connection[Any]) -> Iterator[Mutation]:
    facts = sorted(rows(connection, "record_fact"), key=lambda fact: fact["leaf_index"])
    for fact in facts:
        kind, place = fact["kind"], int(fact["leaf_index"])
        for column, value in FITTED.items():
            for name, deep in DEPTHS.items():
                yield Mutation(f"rewrite {column}, {name}", kind, _forge(_edited(place, column, value), deep))
        for name, deep in DEPTHS.items():
            yield Mutation(f"remove, {name}", kind, _forge(_removed(place), deep))
            yield Mutation(f"insert, {name}", kind, _forge(_inserted(place), deep))
            yield Mutation(f"swap places, {name}", kind, _forge(_swapped(place), deep))
            yield Mutation(f"truncate, {name}", kind, _forge(_truncated(place), deep))
        yield Mutation("put back an older day", kind, _older(place))
        yield Mutation("slip in, back-dated, unplaced", kind, _slipped(place))


def _older(place: int) -> Act:
    """As a dump of an earlier day would have it: everything from `place` on never was."""

    def act(connection: Connection[Any]) -> bool:
        forger = Forger(connection)
        del forger.facts[place:]
        forger.chain()
        forger.write()
        connection.execute("DELETE FROM record_treehead WHERE size > %s", [place])
        for kept in rows(connection, "record_checkpoint"):
            if kept["size"] > place:
                forger.forget(kept["id"])
        (top,) = connection.execute("SELECT coalesce(max(size), 0) FROM record_checkpoint").fetchone() or (0,)
        connection.execute("UPDATE record_fact SET leaf_index = NULL WHERE leaf_index >= %s", [top])
        connection.execute("DELETE FROM record_treehead WHERE size > %s", [top])
        return True

    return act


def _slipped(place: int) -> Act:
    """A fact that never happened, waiting for the clock to place it, with an earlier time and the right link."""

    def act(connection: Connection[Any]) -> bool:
        forger = Forger(connection)
        like = forger.facts[place]
        fresh = forged(an_hour_before(like), 1_000_000, like) | {"leaf_index": None}
        forger.facts.append(fresh)
        forger.chain()
        forger.write()
        return True

    return act


def _edited(place: int, column: str, value: Any) -> Callable[[Forger], None]:
    def change(forger: Forger) -> None:
        forger.facts[place][column] = value(forger.facts[place])

    return change


def _removed(place: int) -> Callable[[Forger], None]:
    def change(forger: Forger) -> None:
        del forger.facts[place]

    return change


def _inserted(place: int) -> Callable[[Forger], None]:
    def change(forger: Forger) -> None:
        like = forger.facts[place]
        forger.facts.insert(place, forged(like["at"] - timedelta(microseconds=1), 1_000_000, like) | {"leaf_index": 1_000_000})

    return change


def _swapped(place: int) -> Callable[[Forger], None]:
    def change(forger: Forger) -> None:
        other = (place + 1) % len(forger.facts)
        one, two = forger.facts[place], forger.facts[other]
        one["leaf_index"], two["leaf_index"] = two["leaf_index"], one["leaf_index"]
        forger.facts[place], forger.facts[other] = two, one

    return change


def _truncated(place: int) -> Callable[[Forger], None]:
    def change(forger: Forger) -> None:
        del forger.facts[place:]

    return change


def _forge(change: Callable[[Forger], None], deep: Callable[[Forger], None]) -> Act:
    def act(connection: Connection[Any]) -> bool:
        forger = Forger(connection)
        change(forger)
        deep(forger)
        return True

    return act


def _alone(forger: Forger) -> None:
    forger.write()


def _chained(forger: Forger) -> None:
    forger.chain()
    forger.place()
    forger.write()


def _forked(forger: Forger) -> None:
    _chained(forger)
    forger.heads()


def _unsigned(forger: Forger) -> None:
    _forked(forger)
    forger.checkpoints(None)


def _signed(forger: Forger) -> None:
    _forked(forger)
    forger.checkpoints(own_signature)


# How far the attacker goes: the rows alone; chains; tree heads; checkpoints forgotten; checkpoints signed with a key of their own.
DEPTHS: dict[str, Callable[[Forger], None]] = {
    "as it is": _alone,
    "with chains": _chained,
    "with tree heads": _forked,
    "with checkpoints forgotten": _unsigned,
    "signed by another": _signed,
}
