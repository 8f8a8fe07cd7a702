# ruff: noqa: S608 - statements are constants, put together from constants
"""The checker of `make faults` finds each fault that is planted, and the run itself, in small, finds none."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from portal.local.scratch import with_database
from portal.people.models import Person
from portal.record.appending import now
from reporting.escalation.lapsing import fire_due
from tests.bench.ground import BASE
from tests.faults import checking, world

pytestmark = pytest.mark.django_db(transaction=True)

LAPSE = "(SELECT min(id) FROM reporting_lapse)"
ITS_DUTY = "(SELECT duty_id FROM reporting_lapse ORDER BY id LIMIT 1)"
MET = "(SELECT min(id) FROM reporting_duty WHERE state = 'opened')"
AGAIN = """
INSERT INTO record_fact (kind, subject, actor, facts, sealed)
SELECT kind, subject, actor, facts, sealed FROM record_fact WHERE kind = 'deadline.missed' LIMIT 1
"""
PLANTED = {
    "a lapse is removed": ("lost", f"DELETE FROM reporting_lapse WHERE id = {LAPSE}"),
    "a deadline is never fired": ("lost", f"UPDATE reporting_duty SET state = 'sent', opened_at = NULL WHERE id = {MET}"),
    "a lapse fires early": (
        "early or unfounded",
        f"UPDATE reporting_lapse SET due_at = due_at - interval '1 hour', fired_at = due_at - interval '1 second' WHERE id = {LAPSE}",
    ),
    "a lapse is made up": (
        "early or unfounded",
        (f"INSERT INTO reporting_lapse (duty_id, deadline, due_at, fired_at) SELECT id, 'open', open_due_at, open_due_at "
        f"FROM reporting_duty WHERE id = {MET}"),
    ),
    "a fact is doubled": ("doubled", AGAIN),
    "a fact is missing": ("doubled", f"UPDATE reporting_lapse SET deadline = 'act' WHERE id = {LAPSE}"),
    "a duty lapsed that was opened in time": (
        "both met and lapsed",
        f"UPDATE reporting_duty SET opened_at = open_due_at - interval '1 second' WHERE id = {ITS_DUTY}",
    ),
    "a duty is acted on and lapsed": (
        "both met and lapsed",
        f"UPDATE reporting_duty SET state = 'acted', acted_at = ended_at WHERE id = {ITS_DUTY}",
    ),
    "a report falls silent": (
        "without exactly one holder",
        f"UPDATE reporting_duty SET state = 'lapsed', next_due_at = NULL, ended_at = opened_at WHERE id = {MET}",
    ),
    "a gap between holders": (
        "without exactly one holder",
        f"UPDATE reporting_duty SET ended_at = ended_at + interval '1 second' WHERE id = {ITS_DUTY}",
    ),
    "a notice is missing": ("notices missing", "DELETE FROM notices_outbox WHERE dedupe LIKE 'missed:%'"),
    "a notice goes to somebody else": (
        "notices missing",
        "UPDATE notices_outbox SET to_id = (SELECT id FROM people_person WHERE rank = 20 LIMIT 1) WHERE dedupe LIKE 'report-passed:%'",
    ),
    "a receipt is told to nobody": (
        "notices missing",
        ("INSERT INTO record_fact (kind, subject, actor, facts, sealed) SELECT 'duty.opened', subject, "
        "'person:' || (SELECT id FROM people_person WHERE rank = 30 LIMIT 1), facts, sealed "
        "FROM record_fact WHERE kind = 'duty.passed' LIMIT 1"),
    ),
    "an answer is forgotten": ("answers not kept", f"INSERT INTO faults_answer (duty, verb) VALUES ({MET}, 'act')"),
    "the sweep leaves one out": (
        "still due",
        (f"UPDATE reporting_duty SET next_due_at = open_due_at, open_due_at = open_due_at - interval '1 hour', "
        f"from_at = from_at - interval '1 hour' WHERE id = {MET}"),
    ),
}  # fmt: skip


@pytest.fixture
def swept(owner_connection: Any) -> Callable[[], checking.Verdict]:
    """Eight lapses, four duties opened in time, and a checker to ask."""
    owner_connection.execute(checking.ANSWERS)
    world.people(2)
    reporters, chance = list(Person.objects.filter(rank=10)), random.Random(1)
    world.send(chance, reporters, 8, due_in=(-30.0, -1.0))
    kept = world.send(chance, reporters, 4, due_in=(-30.0, -1.0))
    keys = [duty.pk for duty in kept]
    owner_connection.execute(
        "UPDATE reporting_duty SET state = 'opened', opened_at = open_due_at - interval '9 seconds', next_due_at = act_due_at "
        "WHERE id = ANY(%s)",
        [keys],
    )
    assert fire_due() == 8
    at: datetime = now()
    return lambda: checking.check(owner_connection, at)


def test_nothing_is_found_where_nothing_is_wrong(swept: Callable[[], checking.Verdict]) -> None:
    found = swept()
    assert found.good, found.lines()
    assert (found.lapses, found.settled) == (8, 12)
    assert 1.0 <= found.median_seconds <= found.worst_seconds <= 60.0


@pytest.mark.parametrize("planted", PLANTED)
def test_each_planted_fault_is_found(swept: Callable[[], checking.Verdict], owner_connection: Any, planted: str) -> None:
    rule, statement = PLANTED[planted]
    owner_connection.execute("ALTER TABLE reporting_lapse DROP CONSTRAINT lapse_never_early")
    owner_connection.execute(statement)
    found = swept()
    assert found.broken[rule][0] > 0, found.lines()
    assert rule in found.lines()


def test_a_short_run_with_kills_loses_nothing(owner_connection: Any, tmp_path: Path) -> None:
    """The same run as `make faults`, without crashes of PostgreSQL: the tests share it with others."""
    name = owner_connection.info.dbname
    env = {**os.environ, "STATE_DIR": str(tmp_path), "RECORD_DIR": str(tmp_path / "record"), "DATABASE_POOL": "2"}
    env |= {key: with_database(env[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SEQUENCER_URL")}
    words = [sys.executable, "-m", "tests.faults.small", "--kills", "40", "--deadlines", "60", "--races", "12", "--seed", "3"]
    done = subprocess.run(words, cwd=BASE, env=env, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost" in done.stdout
    assert "The record verifies" in done.stdout
