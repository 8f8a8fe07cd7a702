from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from portal.record.appending import Entry, append, append_all, process_actor
from portal.record.leaves import LEAF
from portal.record.sequencing import sequence
from portal.record.verifying import Mismatch, verify

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = process_actor("test")

SWAP = """
UPDATE record_fact SET leaf_index = CASE leaf_index WHEN 1 THEN 102 ELSE 101 END WHERE leaf_index IN (1, 2);
UPDATE record_fact SET leaf_index = leaf_index - 100 WHERE leaf_index > 100
"""
RELINKED = "UPDATE record_fact SET prev = sha256('x') WHERE leaf_index = 3"
HASHED = f"UPDATE record_fact SET leaf_hash = sha256('\\x00'::bytea || convert_to({LEAF}, 'UTF8')) WHERE leaf_index = 3"  # noqa: S608
REHASHED = f"{RELINKED}; {HASHED}"
TAMPERING = {
    "edited": ("UPDATE record_fact SET facts = '{\"n\":99}' WHERE leaf_index = 3", "does not have the hash of its leaf"),
    "linked elsewhere": (RELINKED, "does not follow on from the fact before it"),
    "linked elsewhere and hashed": (REHASHED, "does not follow on from the fact before it"),
    "of another version": ("UPDATE record_fact SET leaf_version = 1 WHERE leaf_index = 3", "does not have the hash of its leaf"),
    "back-dated": ("UPDATE record_fact SET at = at - interval '1 hour' WHERE leaf_index = 3", "does not have the hash of its leaf"),
    "deleted": ("DELETE FROM record_fact WHERE leaf_index = 3", "fact 3 of the tree is missing"),
    "cut short": ("DELETE FROM record_fact WHERE leaf_index >= 4", "only 4 facts have a place"),
    "waiting fact deleted": (
        "DELETE FROM record_fact WHERE leaf_index IS NULL",
        "has 2 facts up to number 2, but was kept as ending at number 3",
    ),
    "swapped": (SWAP, "no longer has the root"),
    "root changed": ("UPDATE record_treehead SET root = sha256('x') WHERE size = 6", "no longer has the root"),
    "chain cut": ("DELETE FROM record_chain WHERE subject = 'report:1'", "kept as ending at nothing"),
}


@pytest.fixture(autouse=True)
def record(sequencer_connection: psycopg.Connection[Any]) -> None:
    """Six facts in the tree, about three subjects, and one waiting."""
    with transaction.atomic():
        append_all([Entry(kind="report.added", subject=f"report:{n % 3}", actor=ACTOR, facts={"n": n}) for n in range(6)])
    sequence(sequencer_connection)
    with transaction.atomic():
        append(kind="report.sent", subject="report:0", actor=ACTOR)


def test_an_untouched_record_agrees_with_itself(capsys: pytest.CaptureFixture[str]) -> None:
    found = verify()
    assert (found.size, found.waiting, found.subjects) == (6, 1, 3)
    call_command("verify_record")
    assert "6 facts about 3 subjects" in capsys.readouterr().out


@pytest.mark.parametrize(("statement", "said"), TAMPERING.values(), ids=TAMPERING.keys())
def test_rewriting_behind_the_triggers_is_found(statement: str, said: str, owner_connection: psycopg.Connection[Any]) -> None:
    for table in ("record_fact", "record_treehead"):
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    owner_connection.execute(statement)
    with pytest.raises(Mismatch, match=said):
        verify()
    with pytest.raises(CommandError, match="does not agree"):
        call_command("verify_record")


REWRITTEN = f"""
UPDATE record_fact SET facts = replace(facts, '"n":', '"n":9') WHERE leaf_index = 3;
{HASHED};
UPDATE record_chain AS kept SET head = fact.leaf_hash FROM record_fact AS fact WHERE leaf_index = 3 AND fact.subject = kept.subject
"""  # noqa: S608 - constants


def test_a_fact_rewritten_with_all_that_follows_from_it_is_named_by_the_mirror(
    keeper: Any, owner_connection: psycopg.Connection[Any]
) -> None:
    """Only tree heads after it disagree among the rows: they would say that something changed, and not what."""
    keeper.round()
    for table in ("record_fact", "record_chain"):
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
    owner_connection.execute(REWRITTEN)
    with pytest.raises(Mismatch, match="the fact at place 3 of the tree is not the one that was mirrored"):
        verify()
