from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
import rfc8785
from django.db import DataError, IntegrityError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st

from portal.record.appending import Entry, append, append_all, now, process_actor
from portal.record.canonical import LARGEST, canonical, iso
from portal.record.models import Fact

CLOCK = process_actor("clock")
NOTHING = "0" * 64


@pytest.mark.django_db
def test_a_fact_gets_its_time_place_and_hash_from_the_database() -> None:
    before = now()
    fact = append(kind="report.sent", subject="report:a", actor=CLOCK, facts={"level": 1}, sealed={"message": f"hmac-sha256:{NOTHING}"})
    assert before <= fact.at <= now()
    assert fact.subject_seq == 1
    assert fact.leaf_index is None
    assert json.loads(fact.leaf) == {
        "actor": "process:clock", "at": iso(fact.at), "facts": {"level": 1}, "kind": "report.sent", "prev": NOTHING,
        "id": fact.pk, "sealed": {"message": f"hmac-sha256:{NOTHING}"}, "seq": 1, "subject": "report:a", "v": 2,
    }  # fmt: skip
    assert bytes(fact.leaf_hash) == hashlib.sha256(b"\0" + fact.leaf.encode()).digest()


@pytest.mark.django_db
def test_each_subject_has_a_chain_of_its_own() -> None:
    first = append(kind="report.sent", subject="report:a", actor=CLOCK)
    append(kind="report.sent", subject="report:b", actor=CLOCK)
    second = append(kind="duty.passed", subject="report:a", actor=CLOCK)
    assert second.subject_seq == 2
    assert json.loads(second.leaf)["prev"] == bytes(first.leaf_hash).hex()
    assert [fact.kind for fact in Fact.objects.for_subject("report:a")] == ["report.sent", "duty.passed"]


@pytest.mark.django_db
def test_many_facts_are_one_statement(django_assert_num_queries: Callable[[int], Any]) -> None:
    entries = [Entry(kind="deadline.missed", subject=f"report:{n % 3}", actor=CLOCK, facts={"n": n}) for n in range(30)]
    with django_assert_num_queries(1):
        facts = append_all(entries)
    assert [fact.subject_seq for fact in facts] == [*range(1, 11)] * 3
    assert [fact.data["n"] for fact in facts[:10]] == [*range(0, 30, 3)]


@pytest.mark.django_db(transaction=True)
def test_a_fact_needs_the_transaction_that_makes_it_true() -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        append(kind="report.sent", subject="report:a", actor=CLOCK)
    assert not Fact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_that_fails_takes_its_fact_and_its_link_with_it() -> None:
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=CLOCK)
        raise ZeroDivisionError
    with transaction.atomic():
        assert append(kind="report.sent", subject="report:a", actor=CLOCK).subject_seq == 1


@pytest.mark.django_db(transaction=True)
def test_writers_about_one_subject_make_one_chain(together: Callable[..., list[Any]]) -> None:
    def write() -> int:
        with transaction.atomic():
            return append(kind="report.added", subject="report:a", actor=CLOCK).subject_seq

    assert sorted(together(*[write] * 8)) == [*range(1, 9)]
    facts = list(Fact.objects.for_subject("report:a"))
    assert [json.loads(fact.leaf)["prev"] for fact in facts[1:]] == [bytes(fact.leaf_hash).hex() for fact in facts[:-1]]
    assert [fact.pk for fact in facts] == sorted(fact.pk for fact in facts)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("kind", kind) for kind in ("Sent!", "sent", ".sent", "report.", "report..sent", "a.b.c.d.e", "report.sént", "")),
        *(("subject", subject) for subject in ("no key", "report:", ":a", "report:a:b", "Report:a", "report:a\n")),
        *(
            ("actor", actor)
            for actor in (
                "somebody",
                "person:",
                "person:x",
                "process:",
                "process:a b",
                f"officer:{uuid.UUID(int=7)}",
                f"person:{uuid.UUID(int=7)}\n",
            )
        ),
    ],
)
def test_a_misspelt_fact_is_refused_by_the_database(field: str, value: str) -> None:
    given_fields = {"kind": "report.sent", "subject": "report:a", "actor": CLOCK, field: value}
    with pytest.raises((IntegrityError, DataError), match=rf"an? {field} is|type uuid"), transaction.atomic():
        append(**given_fields)  # type: ignore[arg-type]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "sealed"),
    [
        ("{\n}", "{}"),
        (' {"a":1}', "{}"),
        ('{"a":"' + "x" * (1 << 20) + '"}', "{}"),
        ("{}", '{"message":"x"}'),
        ("{}", '{"message": "hmac-sha256:' + NOTHING + '"}'),
        ("{}", '{"a\\u0041":"hmac-sha256:' + NOTHING + '"}'),
        ("{\t}", "{}"),
        ("{}\r", "{}"),
        ("{}", '{"message":"hmac-sha256:' + NOTHING[1:] + '"}'),
        ("{}", '{"message":"hmac-sha256:' + NOTHING[1:] + 'A"}'),
        ("{}", '{"a":"hmac-sha256:' + NOTHING[1:] + '","b":"hmac-sha256:0' + NOTHING + '"}'),
        ("{}", '{"":"hmac-sha256:' + NOTHING + '"}'),
        ("{}", '{"é":"hmac-sha256:' + NOTHING + '"}'),
        ("{}", '{"\x7f":"hmac-sha256:' + NOTHING + '"}'),
        ("{}", '{"a,b":"hmac-sha256:' + NOTHING + '"}'),
        ("{}", '{"a":"hmac-sha256:' + NOTHING + '",}'),
        ("{}", '{"a":"hmac-sha256:' + NOTHING + '"} '),
    ],
)
def test_a_leaf_that_would_spoil_every_export_is_refused_by_the_database(facts: str, sealed: str) -> None:
    row = ["report.sent", "report:a", CLOCK, facts, sealed]
    refused = r"canonical JSON|hmac-sha256 each|invalid input syntax for type json|hexadecimal"
    with connection.cursor() as cursor, pytest.raises((IntegrityError, DataError), match=refused), transaction.atomic():
        cursor.execute("INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES (%s, %s, %s, %s, %s)", row)
    assert not Fact.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_time_never_falls_along_a_chain_though_the_clock_was_set_back(owner_connection: psycopg.Connection[Any]) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=CLOCK)
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    ahead = owner_connection.execute("UPDATE record_fact SET at = at + interval '1 hour' RETURNING at").fetchone()
    owner_connection.execute("UPDATE record_chain SET at = at + interval '1 hour'")
    owner_connection.execute("ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep")
    with transaction.atomic():
        append_all([Entry(kind="report.added", subject="report:a", actor=CLOCK)] * 2)
        other = append(kind="report.sent", subject="report:b", actor=CLOCK)
    assert [(fact.at,) for fact in Fact.objects.for_subject("report:a")] == [ahead] * 3
    assert (other.at,) < (ahead or (other.at,))


@pytest.mark.parametrize("value", [1.5, b"bytes", {1: "key"}, {"é": 1}, "\ud800", "\0", "a\\\0", LARGEST + 1, {"deep": [object()]}])
def test_a_value_without_one_spelling_is_refused(value: Any) -> None:
    with pytest.raises(ValueError, match="fact"):
        canonical(value)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST, LARGEST) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(codec="ascii", exclude_characters="\0")), inner),
)


@given(VALUES)
def test_canonical_json_is_that_of_another_implementation(value: Any) -> None:
    assert canonical(value).encode() == rfc8785.dumps(value)


@pytest.mark.django_db
def test_the_time_in_a_leaf_is_utc_whatever_zone_the_session_is_in() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL TIME ZONE 'Asia/Kathmandu'")
        append(kind="report.sent", subject="report:a", actor=CLOCK)
        cursor.execute("SET LOCAL TIME ZONE 'UTC'")
    fact = Fact.objects.get()
    assert hashlib.sha256(b"\0" + fact.leaf.encode()).digest() == bytes(fact.leaf_hash)
    assert json.loads(fact.leaf)["at"].endswith("Z")


def test_a_backslash_before_u0000_is_text_like_any_other() -> None:
    assert canonical("\\u0000") == '"\\\\u0000"'
    with pytest.raises(ValueError, match="NUL"):
        canonical("\\\0")
