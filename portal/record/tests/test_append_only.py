from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from psycopg import sql

from portal.record.appending import append, process_actor
from portal.record.models import Fact
from portal.record.sequencing import sequence

ROW = "(kind, subject, actor, facts, sealed, {extra}) VALUES ('a.b', 'a:b', 'process:x', '{{}}', '{{}}', {value})"
FORBIDDEN_TO_APP = {
    "update": "UPDATE record_fact SET facts = '{}'",
    "delete": "DELETE FROM record_fact",
    "truncate": "TRUNCATE record_fact",
    "disable trigger": "ALTER TABLE record_fact DISABLE TRIGGER ALL",
    "replication role": "SET session_replication_role = replica",
    "drop": "DROP TABLE record_fact",
    "time": "INSERT INTO record_fact " + ROW.format(extra="at", value="now()"),
    "place": "INSERT INTO record_fact " + ROW.format(extra="leaf_index", value="7"),
    "hash": "INSERT INTO record_fact " + ROW.format(extra="leaf_hash", value="'\\x00'"),
    "number in chain": "INSERT INTO record_fact " + ROW.format(extra="subject_seq", value="9"),
    "key": "INSERT INTO record_fact " + ROW.format(extra="id", value="9"),
    "chain": "UPDATE record_chain SET seq = 0",
    "new chain": "INSERT INTO record_chain VALUES ('a:b', 1, '\\x00')",
    "tree head": "INSERT INTO record_treehead VALUES (1, '\\x00', '\\x00', now())",
    "rewrite rule": "CREATE RULE quiet AS ON INSERT TO record_fact DO INSTEAD NOTHING",
    "replace function": "CREATE OR REPLACE FUNCTION record_fact_keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "become the owner": "SET ROLE candour_owner",
    "borrow the trigger, which runs as the owner": """
        CREATE TEMP TABLE borrowed (LIKE public.record_fact);
        CREATE TRIGGER complete BEFORE INSERT ON borrowed FOR EACH ROW EXECUTE FUNCTION public.record_fact_complete();
    """,
    "reads in two ways": "INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES "
    """('a.b', 'a:b', 'process:x', '{"a":1,"kind":"x","prev":"y"}', '{}')""",
}


def add_one() -> Fact:
    with transaction.atomic():
        return append(kind="report.sent", subject="report:a", actor=process_actor("test"))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", FORBIDDEN_TO_APP.values(), ids=FORBIDDEN_TO_APP.keys())
def test_the_application_can_only_append(statement: str) -> None:
    kept = add_one().leaf
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone() == ("candour_app",)
        with pytest.raises(DatabaseError):
            cursor.execute(statement)
    assert Fact.objects.get().leaf == kept


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["UPDATE record_fact SET facts = '{}'", "DELETE FROM record_fact", "TRUNCATE record_fact"])
def test_even_the_owner_is_stopped_by_the_trigger(statement: str, owner_connection: psycopg.Connection[Any]) -> None:
    kept = add_one().leaf
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="the record keeps"):
        owner_connection.execute(statement)
    assert Fact.objects.get().leaf == kept


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE record_fact SET leaf_index = leaf_index + 1",
        "UPDATE record_fact SET leaf_index = NULL",
        "UPDATE record_fact SET at = now()",
        "DELETE FROM record_fact",
        "UPDATE record_treehead SET root = '\\x00'",
        "DELETE FROM record_treehead",
        "SELECT * FROM vault_item",
        "SELECT * FROM people_person",
    ],
)
def test_the_sequencer_can_only_number_a_fact_once(statement: str, sequencer_connection: psycopg.Connection[Any]) -> None:
    add_one()
    assert sequence(sequencer_connection) == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        sequencer_connection.execute(statement)
    assert Fact.objects.get().leaf_index == 0


@pytest.mark.django_db(transaction=True)
def test_the_auditor_reads_the_record_and_nothing_else() -> None:
    add_one()
    url = settings.DATABASE_SEQUENCER_URL.replace("candour_sequencer", "candour_auditor")
    with psycopg.connect(url, autocommit=True) as auditor:
        assert auditor.execute("SELECT count(*) FROM record_fact").fetchone() == (1,)
        for table in ("vault_item", "people_person", "reporting_report", "django_session"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                auditor.execute(sql.SQL("SELECT * FROM {}").format(sql.Identifier(table)))
