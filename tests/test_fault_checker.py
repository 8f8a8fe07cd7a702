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
from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State
from portal.people.models import Person
from portal.record.appending import now
from reporting import acting, stepping_aside, taking_up
from reporting.choices import Outcome
from reporting.escalation.lapsing import fire_due
from reporting.promises.breaking import break_due
from tests.bench.ground import BASE
from tests.faults import checking, letters, world

pytestmark = pytest.mark.django_db(transaction=True)

LAPSE = "(SELECT min(id) FROM reporting_lapse)"
ITS_DUTY = "(SELECT duty_id FROM reporting_lapse ORDER BY id LIMIT 1)"
MET = "(SELECT min(id) FROM reporting_duty WHERE state = 'opened')"
AGAIN = """
INSERT INTO record_fact (kind, subject, actor, facts, sealed)
SELECT kind, subject, actor, facts, sealed FROM record_fact WHERE kind = 'deadline.missed' LIMIT 1
"""
BROKEN = "(SELECT min(id) FROM reporting_promise WHERE state = 'missed')"
PROMISED = {
    "a promise is never fired": (
        "promises lost", "UPDATE reporting_promise SET due_at = made_at WHERE state = 'open' AND seq = 2",
    ),
    "no promise follows one that was missed": ("promises lost", "DELETE FROM reporting_promise WHERE state = 'open' AND seq = 2"),
    "a promise is missed early": (
        "promises missed early", f"UPDATE reporting_promise SET ended_at = due_at - interval '1 second' WHERE id = {BROKEN}",
    ),
    "a missed promise has two facts": (
        "promises missed twice",
        ("INSERT INTO record_fact (kind, subject, actor, facts, sealed) SELECT kind, subject, actor, facts, sealed FROM record_fact "
        "WHERE kind = 'promise.missed' LIMIT 1"),
    ),
    "a missed promise was kept": (
        "promises both kept and missed",
        f"UPDATE reporting_promise SET state = 'kept', ended_at = due_at - interval '1 second' WHERE id = {BROKEN}",
    ),
    "a kept promise is missed": (
        "promises both kept and missed", "UPDATE reporting_promise SET state = 'missed', ended_at = due_at WHERE state = 'kept'",
    ),
    "nobody is told of a missed promise": ("missed promises untold", "DELETE FROM notices_outbox WHERE dedupe LIKE 'unheard:%'"),
}  # fmt: skip
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
    "an opening is told to nobody": ("notices missing", "DELETE FROM notices_outbox WHERE dedupe LIKE 'report-opened:%'"),
    "a taking up is told to nobody": ("notices missing", "DELETE FROM notices_outbox WHERE dedupe LIKE 'report-taken-up:%'"),
    "an act is told to nobody": ("notices missing", "DELETE FROM notices_outbox WHERE dedupe LIKE 'report-acted:%'"),
    "a referral is told to nobody": (
        "notices missing",
        ("DELETE FROM notices_outbox USING reporting_duty AS duty "
        "WHERE why = 'referred' AND dedupe = 'report-passed:' || duty.id"),
    ),
    "a step aside at the desk is told to nobody": (
        "notices missing", "DELETE FROM notices_outbox WHERE dedupe LIKE 'report-stepped-aside:%'",
    ),
    "an answer is forgotten": ("answers not kept", f"INSERT INTO faults_answer (duty, verb) VALUES ({MET}, 'act')"),
    "the sweep leaves one out": (
        "still due",
        (f"UPDATE reporting_duty SET next_due_at = open_due_at, open_due_at = open_due_at - interval '1 hour', "
        f"from_at = from_at - interval '1 hour' WHERE id = {MET}"),
    ),
    **PROMISED,
}  # fmt: skip


LEFT_BEHIND = {
    "a letter is lost": ("sent without a letter", "DELETE FROM faults_letter WHERE key LIKE 'missed:%'"),
    "a notice waits for ever": (
        "unsent for no reason", "UPDATE notices_outbox SET state = 'waiting', sent_at = NULL WHERE dedupe LIKE 'duty:%'",
    ),
    "a notice is given up": (
        "unsent for no reason", "UPDATE notices_outbox SET state = 'failed', last_error = 'Died.' WHERE dedupe LIKE 'missed:%'",
    ),
    "a notice is kept from somebody who may know": (
        "unsent for no reason",
        "UPDATE notices_outbox SET state = 'withheld', last_error = 'must not know of the report' WHERE dedupe LIKE 'report-passed:%'",
    ),
    "a letter tells of what never was": ("letters of nothing", "INSERT INTO faults_letter VALUES ('duty:0')"),
}  # fmt: skip


@pytest.fixture
def at(owner_connection: Any) -> datetime:
    """Eight lapses, four duties opened in time, one worked to its end, one referred, one that a member of the desk stepped aside from."""
    owner_connection.execute(checking.TABLES)
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
    _work(chance, reporters)
    assert break_due() > 0
    return now()


def _work(chance: random.Random, reporters: list[Person]) -> None:
    for outcome in (Outcome.LOCAL, Outcome.STANDARDS):
        (duty,) = world.send(chance, reporters, 1)
        assert duty.holder is not None
        taking_up.take_up(person=duty.holder, report_id=duty.report_id)
        acting.act(person=duty.holder, report_id=duty.report_id, outcome=outcome, reasons="Dealt with.")
    (at_desk,) = world.send(chance, reporters, 1, rungs=world.RUNGS[-1:])
    assert at_desk.post is not None
    stepping_aside.step_aside(person=at_desk.post.members.all()[0], report_id=at_desk.report_id, reason="A cousin.")


@pytest.fixture
def swept(owner_connection: Any, at: datetime) -> Callable[[], checking.Verdict]:
    """A checker to ask."""
    return lambda: checking.check(owner_connection, at)


@pytest.fixture
def delivered(owner_connection: Any, at: datetime, settings: Any, tmp_path: Path) -> Callable[[], checking.Verdict]:
    """The same, once every notice has left."""
    settings.EMAIL_BACKEND, settings.STATE_DIR = "tests.faults.letters.Letters", tmp_path
    while deliver_batch():
        pass
    letters.read(owner_connection)
    return lambda: checking.check(owner_connection, at, checking.AFTER_DELIVERY)


def test_nothing_is_found_where_nothing_is_wrong(swept: Callable[[], checking.Verdict]) -> None:
    found = swept()
    assert found.good, found.lines()
    assert (found.lapses, found.settled) == (8, 16)
    assert found.kept > 0 < found.missed
    assert 1.0 <= found.median_seconds <= found.worst_seconds <= 60.0


def test_an_act_before_the_world_says_that_a_report_was_sent_keeps_its_promise(swept: Callable[[], checking.Verdict]) -> None:
    before = swept().kept
    for duty in world.send(random.Random(2), list(Person.objects.filter(rank=10)), 8, due_in=(120.0, 120.0)):
        assert duty.holder is not None
        acting.act(person=duty.holder, report_id=duty.report_id, outcome=Outcome.LOCAL, reasons="Dealt with.")
    found = swept()
    assert found.kept > before
    assert found.broken["promises both kept and missed"][0] == 0, found.lines()


@pytest.mark.parametrize("planted", PLANTED)
def test_each_planted_fault_is_found(swept: Callable[[], checking.Verdict], owner_connection: Any, planted: str) -> None:
    rule, statement = PLANTED[planted]
    owner_connection.execute("ALTER TABLE reporting_lapse DROP CONSTRAINT lapse_never_early")
    owner_connection.execute("ALTER TABLE reporting_promise DROP CONSTRAINT promise_never_early")
    assert owner_connection.execute(statement).rowcount > 0
    found = swept()
    assert found.broken[rule][0] > 0, found.lines()
    assert rule in found.lines()


def test_nothing_is_found_where_every_notice_left(delivered: Callable[[], checking.Verdict]) -> None:
    found = delivered()
    assert found.good, found.lines()
    assert Outbox.objects.filter(state=State.SENT).exists()
    assert Outbox.objects.filter(state=State.WITHHELD).exists()  # the desk's, from whoever stepped aside


@pytest.mark.parametrize("planted", LEFT_BEHIND)
def test_each_notice_that_did_not_leave_is_found(delivered: Callable[[], checking.Verdict], owner_connection: Any, planted: str) -> None:
    rule, statement = LEFT_BEHIND[planted]
    assert owner_connection.execute(statement).rowcount > 0
    found = delivered()
    assert found.broken[rule][0] > 0, found.lines()
    assert [name for name, (many, _) in found.broken.items() if many] == [rule]


def test_a_short_run_with_kills_loses_nothing(owner_connection: Any, tmp_path: Path) -> None:
    """The same run as `make faults`, without crashes of PostgreSQL: the tests share it with others."""
    name = owner_connection.info.dbname
    env = {**os.environ, "STATE_DIR": str(tmp_path), "RECORD_DIR": str(tmp_path / "record"), "DATABASE_POOL": "2"}
    env |= {key: with_database(env[key], name) for key in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SEQUENCER_URL")}
    words = [sys.executable, "-m", "tests.faults.small", "--kills", "40", "--deadlines", "60", "--races", "12", "--seed", "3"]
    done = subprocess.run(words, cwd=BASE, env=env, capture_output=True, text=True, check=False, timeout=170)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 lost" in done.stdout
    assert "0 promises lost, 0 promises missed early, 0 promises missed twice, 0 promises both kept and missed" in done.stdout
    assert "0 sent without a letter, 0 unsent for no reason, 0 letters of nothing" in done.stdout
    assert "The record verifies" in done.stdout
