"""The bench measures: its pieces, in small, against the servers of the tests. What the figures are is no test's business."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from devices.tests.factories import allotted
from guidance.tests.making import make_document, make_published
from portal.clock import sweeping
from portal.local.scratch import with_database
from portal.people.tests.factories import desk
from reporting.tests.making import a_line
from tests.bench import floor, lapses, measuring, paths, record, reporting, rows
from tests.bench.load import Job, run
from tests.bench.web import cpu_seconds, postmaster, serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(180)]


@pytest.fixture
def bench(tmp_path: Path, owner_connection: Any) -> Iterator[measuring.Bench]:
    """Both servers over the test's database, with a small force that has something left to do."""
    desk()
    for _ in range(8):
        for person in a_line():
            allotted(person)
    make_published(make_document(paths.NOTE))
    owner_connection.execute(floor.TABLE)
    owner_connection.execute(rows.HOLDERS)
    rows.reports("M", 12, ago="2 hours", state="opened")
    owner_connection.execute(rows.ROWS)
    name = owner_connection.info.dbname
    env = {**os.environ, "ALLOWED_HOSTS": "127.0.0.1", "DATABASE_POOL": "2", "STATE_DIR": str(tmp_path)}
    env |= {key: with_database(env[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SEQUENCER_URL")}
    bare = {**env, "DJANGO_SETTINGS_MODULE": "tests.bench.floor_settings"}
    with serving("portal.wsgi:application", env, tmp_path / "portal.log") as portal:
        with serving("tests.bench.floor_wsgi:application", bare, tmp_path / "floor.log") as under:
            yield measuring.Bench(portal, under, postmaster(settings.DATABASE_OWNER_URL), seconds=0.2, rounds=1, warm=2)


def test_each_path_is_measured_beside_its_floor(bench: measuring.Bench) -> None:
    for name in ("front page", "acknowledge", "claim", "send", "duty list"):
        measured = bench.measure(paths.PATHS[name]())
        assert measured.ours.requests > 0, name
        assert measured.floor.requests > 0, name
        assert measured.ours.cpu_ms > 0, name
        assert measured.ours.percentile_ms(0.5) <= measured.ours.percentile_ms(0.95), name
        assert name in reporting.line(measured)


def test_wrong_answers_are_not_measured_as_good_ones(bench: measuring.Bench) -> None:
    outcome = run(Job(bench.portal.port, [b"GET /nowhere/ HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"], 0.1, once=False, expected=200, warm=2))
    assert outcome.wrong.total() > 0
    assert outcome.sample.startswith(b"HTTP/1.1 404")


def test_lapses_are_measured_beside_one_statement(bench: measuring.Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sweeping, "collect_seldom", lambda: None)
    report = reporting.Report(lapses=lapses.measure(20, 1, 30))
    found = report.lapses
    assert found is not None
    for rates in (found.clock, found.alone, found.two, found.floor, found.large, found.large_floor):
        assert rates.rate > 0
    assert (found.open, len(found.looks_ms)) == (30, lapses.LOOKS)
    assert found.plan.startswith("Limit")
    assert "among 30 open reports" in report.lapse_lines()


def test_processor_time_of_a_process_that_is_gone_is_nothing() -> None:
    assert cpu_seconds(2**22 - 1) == 0


def test_the_record_is_measured_beside_a_plain_table(owner_connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    owner_connection.execute(record.PLAIN)
    for key in ("DATABASE_URL", "DATABASE_OWNER_URL"):
        monkeypatch.setenv(key, with_database(os.environ[key], owner_connection.info.dbname))
    for write in (record._insert, record._append):
        ours, plain = record.appended(write, 2, 0.2, 1)
        assert ours > 0
        assert plain > 0
    alike = "SELECT count(DISTINCT facts) FROM {} WHERE kind = 'duty.passed'"
    assert [owner_connection.execute(alike.format(table)).fetchone() for table in ("record_fact", "bench_audit")] == [(1,), (1,)]
    size, rate = record.verified_rows(50)
    assert size >= 50
    assert rate > 0


def test_a_made_up_export_is_good_and_a_proof_is_read_from_files() -> None:
    assert record.verified_export(1_000) > 0
    (least, middle), size = record.proofs(3_000)
    assert 0 < least <= middle
    assert 1_500 < size < 4_096
