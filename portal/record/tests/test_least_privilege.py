"""Transactions of the application end before they could spoil an export, and the record is read as a role that can do nothing else."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connection, transaction

from portal.local.roles import APP, AUDITOR
from portal.record import published, snapshots
from portal.record.appending import append, process_actor
from portal.record.exporting import export
from portal.record.keeping import Keeper
from portal.record.verifier.candour_verify import BACKDATED, verify_export
from portal.record.verifying import verify

pytestmark = pytest.mark.django_db(transaction=True)
SECONDS = "SELECT setting::bigint / 1000 FROM pg_settings WHERE name = %s"


def seconds(raw: psycopg.Connection[tuple[int]], name: str) -> int:
    row = raw.execute(SECONDS, [name]).fetchone()
    assert row is not None, f"{name} is no setting here"
    return int(row[0])


def names() -> list[str]:
    connection.ensure_connection()
    later = ["transaction_timeout"] if connection.connection.info.server_version >= 170000 else []
    return ["idle_in_transaction_session_timeout", *later]


@pytest.fixture
def auditor(monkeypatch: pytest.MonkeyPatch) -> str:
    url = settings.DATABASE_SEQUENCER_URL.replace("candour_sequencer", AUDITOR)
    monkeypatch.setattr(settings, "DATABASE_AUDITOR_URL", url)
    return url


@pytest.fixture
def signed(keeper: Keeper) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    keeper.round()


def test_the_applications_transactions_end_well_before_a_fact_could_look_slipped_in() -> None:
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL.replace("candour_sequencer", APP)) as raw:
        for name in names():
            assert 0 < seconds(raw, name) * 1_000_000 <= BACKDATED // 2, name


def test_reading_the_record_may_last_longer() -> None:
    connection.ensure_connection()
    for name in names():
        connection.connection.execute(f"SET {name} = '300s'")
    with snapshots.snapshot() as (raw, _):
        assert [seconds(raw, name) for name in names()] == [0] * len(names())
    assert [seconds(connection.connection, name) for name in names()] == [300] * len(names())
    for name in names():
        connection.connection.execute(f"RESET {name}")


def test_the_record_is_read_as_the_auditor_where_there_is_one(signed: None, auditor: str, tmp_path: Path) -> None:
    with snapshots.snapshot() as (raw, _):
        assert raw.info.user == AUDITOR
    verify()
    export(tmp_path / "export")
    assert verify_export(tmp_path / "export", keys=published.trusted_keys()).good


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 1 FROM reporting_report", "SELECT 1 FROM vault_container", "SELECT 1 FROM people_person",
        "INSERT INTO record_fact (kind, subject, actor) VALUES ('report.sent', 'report:a', 'process:x')",
        "UPDATE record_fact SET leaf_index = NULL", "DELETE FROM record_fact", "TRUNCATE record_fact",
        "INSERT INTO record_treehead (size) VALUES (9)", "ALTER TABLE record_fact DISABLE TRIGGER ALL",
    ],
)  # fmt: skip
def test_the_auditors_role_reads_the_record_and_nothing_else(auditor: str, statement: str) -> None:
    with psycopg.connect(auditor) as raw, pytest.raises(psycopg.errors.InsufficientPrivilege):
        raw.execute(statement.encode())
