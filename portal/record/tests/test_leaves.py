"""Leaves are built from rows, in PostgreSQL and here, and were once stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import DatabaseError

from portal.postgres.base import rows
from portal.record.appending import Entry, append_all, process_actor
from portal.record.canonical import Json
from portal.record.leaves import LEAF
from portal.record.models import Fact
from portal.record.restoring.owning import as_owner
from portal.record.tree import leaf_hash
from portal.record.verifying import verify

pytestmark = pytest.mark.django_db(transaction=True)
BUILT = f"SELECT id, {LEAF} FROM record_fact ORDER BY id"  # noqa: S608 - constants
STORED = "INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES ('report.sent', 'report:2', 'process:test', '{}', '{}')"
BEFORE, TODAY = "0009_fewer_questions_of_a_fact", "0010_leaves_are_not_stored"


@pytest.fixture(autouse=True)
def facts() -> None:
    """Six facts about three subjects, with what JSON and leaves could trip over."""
    said: dict[str, Json] = {"n": 1, "text": 'a "quoted" \\ naïve word, "prev":"x" and \u2028', "deep": {"list": [None, True]}}
    with transaction.atomic():
        append_all([Entry(kind="report.added", subject=f"report:{n % 3}", actor=process_actor("test"), facts=said) for n in range(6)])


@pytest.fixture
def migrated() -> Any:
    """Migrates the record as its owner; back to today's at the end."""

    def to(name: str) -> None:
        with as_owner():
            call_command("migrate", "record", name, verbosity=0)

    yield to
    to(TODAY)


def test_postgresql_and_the_model_build_the_leaf_that_was_hashed() -> None:
    for fact, (key, leaf) in zip(Fact.objects.order_by("id"), rows(BUILT), strict=True):
        assert (fact.pk, fact.leaf) == (key, leaf)
        assert leaf_hash(leaf.encode()) == bytes(fact.leaf_hash)


def test_leaves_that_were_stored_are_those_that_are_built(migrated: Callable[[str], None]) -> None:
    built = rows(BUILT)
    migrated(BEFORE)
    assert rows("SELECT id, leaf FROM record_fact ORDER BY id") == built
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(STORED)
    stored = rows("SELECT id, leaf FROM record_fact ORDER BY id")
    migrated(TODAY)
    assert rows(BUILT) == stored
    assert len(stored) == 7
    assert verify().waiting == 7


def test_a_record_whose_columns_do_not_give_its_leaves_is_left_as_it_is(migrated: Callable[[str], None], owner_connection: Any) -> None:
    migrated(BEFORE)
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    owner_connection.execute("UPDATE record_fact SET actor = 'process:other' WHERE subject = 'report:1' AND subject_seq = 1")
    owner_connection.execute("ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep")
    with pytest.raises(DatabaseError, match="do not say what its leaf says"):
        migrated(TODAY)
    assert rows("SELECT count(*) FROM record_fact WHERE strpos(leaf, 'process:test') > 0") == [(6,)]
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    owner_connection.execute("UPDATE record_fact SET actor = 'process:test'")
    owner_connection.execute("ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep")
