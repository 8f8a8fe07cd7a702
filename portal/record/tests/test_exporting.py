from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction

from portal.record import exported_rows, exporting, places, published, snapshots
from portal.record.appending import Entry, append_all, process_actor
from portal.record.exporting import NotExported, export
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.sequencing import ROUND
from portal.record.verifier.candour_verify import verify_export

pytestmark = pytest.mark.django_db(transaction=True)
ACTOR = process_actor("test")
MEASURE = """
import sys, django
from pathlib import Path
django.setup()
from portal.record.exporting import export
done = export(Path(sys.argv[1]))
print(done.facts, *(line.split()[1] for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")))
"""  # the most memory that the process ever had, in KB
MARGIN_KB = 6_000


def add(many: int) -> None:
    with transaction.atomic():
        append_all([Entry(kind="report.added", subject=f"report:{n % 3}", actor=ACTOR, facts={"words": 'é "\\" \n'}) for n in range(many)])


@pytest.fixture
def record(keeper: Keeper) -> Keeper:
    for many in (1, 4, 7):
        add(many)
        keeper.round()
    return keeper


def test_an_export_verifies_with_the_verifier_inside_it(record: Keeper, tmp_path: Path) -> None:
    done = export(tmp_path / "out")
    assert (done.facts, done.checkpoints, done.disagreements) == (14, 3, 0)
    names = sorted(path.name for path in (tmp_path / "out").iterdir())
    assert names == [
        "candour-export.json", "candour_verify.py", "chains.tsv", "checkpoints.jsonl", "cosignatures.jsonl", "disagreements.jsonl",
        "heads.jsonl", "leaves", "rows", "stamps.jsonl", "waiting.tsv",
    ]  # fmt: skip
    leaves = (tmp_path / "out" / "leaves" / "000000.jsonl").read_text(encoding="utf-8").split("\n")
    assert leaves == [*(fact.leaf for fact in Fact.objects.sequenced()), ""]
    keys = [word for key in published.trusted_keys() for word in ("--key", key)]
    command = [sys.executable, str(tmp_path / "out" / "candour_verify.py"), str(tmp_path / "out"), *keys]
    ran = subprocess.run(
        command, capture_output=True, text=True, check=False, env={"PATH": os.environ["PATH"], "PYTHONIOENCODING": "utf-8"}
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "All 14 facts" in ran.stdout


def test_facts_that_wait_for_their_place_are_in_it_as_rows_alone(record: Keeper, tmp_path: Path) -> None:
    add(2)
    assert export(tmp_path / "out").facts == 14
    verdict = verify_export(tmp_path / "out", keys=published.trusted_keys())
    assert verdict.good
    assert "Facts that wait for their place: 2." in verdict.sentences[1]


def test_the_first_and_the_last_checkpoint_of_a_size_are_in_it(record: Keeper, owner_connection: Any, tmp_path: Path) -> None:
    columns = "size, root, note, signed_at"
    for _ in range(3):
        owner_connection.execute(
            f"INSERT INTO record_checkpoint ({columns}) SELECT {columns} FROM record_checkpoint ORDER BY id DESC LIMIT 1"  # noqa: S608
        )
    assert export(tmp_path / "out").checkpoints == 4
    sizes = [json.loads(row)["note"].split("\n")[1] for row in (tmp_path / "out" / "checkpoints.jsonl").read_text().splitlines()]
    assert sizes == ["3", "7", "14", "14"]


def test_a_checkpoint_between_them_that_a_witness_cosigned_is_in_it_with_its_cosignature(
    record: Keeper, owner_connection: Any, tmp_path: Path
) -> None:
    again = "INSERT INTO record_checkpoint (size, root, note, signed_at) SELECT size, root, note, signed_at FROM record_checkpoint "
    keys = [owner_connection.execute(f"{again} ORDER BY id DESC LIMIT 1 RETURNING id").fetchone()[0] for _ in range(3)]
    line = f"— witness.example {base64.b64encode(bytes(76)).decode()}\n"
    cosigned = "INSERT INTO record_cosignature (checkpoint_id, witness, line, at) VALUES (%s, 'witness.example', %s, clock_timestamp())"
    owner_connection.execute(cosigned, [keys[1], line])
    assert export(tmp_path / "out").checkpoints == 5
    notes = [json.loads(row)["note"] for row in (tmp_path / "out" / "checkpoints.jsonl").read_text().splitlines()]
    assert [line in note for note in notes] == [False, False, False, True, False]


def test_leaves_are_split_over_files(record: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exporting, "LEAVES_PER_FILE", 7)
    monkeypatch.setattr(exported_rows, "LEAVES_PER_FILE", 7)
    export(tmp_path / "out")
    assert sorted(path.name for path in (tmp_path / "out" / "leaves").iterdir()) == ["000000.jsonl", "000001.jsonl"]
    assert verify_export(tmp_path / "out", keys=published.trusted_keys()).good


def test_rows_that_disagree_are_written_out_whole_and_end_in_an_error(record: Keeper, owner_connection: Any, tmp_path: Path) -> None:
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER USER")
    owner_connection.execute("UPDATE record_fact SET actor = 'person:other' WHERE leaf_index = 5")
    with pytest.raises(CommandError, match="3 rows do not agree"):
        call_command("export_record", str(tmp_path / "out"))
    row, *follows = [json.loads(line) for line in (tmp_path / "out" / "disagreements.jsonl").read_text().splitlines()]
    assert (row["table"], row["row"]["actor"], row["row"]["leaf_index"]) == ("record_fact", "person:other", 5)
    assert "at place 5 of the tree) does not have the hash of its leaf" in row["why"]
    assert {one["table"] for one in follows} == {"record_treehead"}
    verdict = verify_export(tmp_path / "out", keys=published.trusted_keys())
    assert (verdict.good, verdict.code) == (False, "export_root")
    assert "Fact 5 (report.added about report:1, number 1): the hash in its row" in verdict.sentences[0]


CHECKS = "SELECT conname FROM pg_constraint WHERE conrelid = 'record_fact'::regclass AND contype = 'c'"
CHANGES = {
    "kind": ("UPDATE record_fact SET kind = 'report.sent' WHERE leaf_index = 5", "export_root", "the hash in its row"),
    "actor quoted": ("UPDATE record_fact SET actor = actor || '\"' WHERE leaf_index = 5", "export_root", "the hash in its row"),
    "facts": ("UPDATE record_fact SET facts = '{}' WHERE leaf_index = 5", "export_root", "the hash in its row"),
    "id": ("UPDATE record_fact SET id = id + 1000 WHERE leaf_index = 5", "export_root", "the hash in its row"),
    "a tab": ("UPDATE record_fact SET kind = E'a\\tb' WHERE leaf_index = 5", "export_root", "Fact 5"),
    "time": ("UPDATE record_fact SET at = at - interval '1 year' WHERE leaf_index = 5", "backdated", "Fact 5"),
    "link": ("UPDATE record_fact SET prev = sha256(prev) WHERE leaf_index = 5", "export_leaf", "Fact 5"),
    "version": ("UPDATE record_fact SET leaf_version = 1 WHERE leaf_index = 5", "export_root", "the hash in its row"),
    "version to come": ("UPDATE record_fact SET leaf_version = 3 WHERE leaf_index = 5", "export_leaf", "Fact 5"),
    "hash": ("UPDATE record_fact SET leaf_hash = sha256(leaf_hash) WHERE leaf_index = 5", "export_row", "the hash in its row"),
    "waiting": ("UPDATE record_fact SET actor = 'person:x' WHERE leaf_index IS NULL", "export_waiting", "it waits for its place"),
    "chain": ("UPDATE record_chain SET seq = seq + 1 WHERE subject = 'report:1'", "export_chain", "report:1"),
    "chain dated back": ("UPDATE record_chain SET at = at - interval '1 second' WHERE subject = 'report:1'", "export_chain", "report:1"),
    "chain gone": ("DELETE FROM record_chain WHERE subject = 'report:1'", "export_chain", "report:1"),
    "frontier": ("UPDATE record_treehead SET frontier = frontier || root WHERE size = 14", "export_head", "14 facts"),
    "signed at": ("UPDATE record_checkpoint SET signed_at = signed_at + interval '1 hour' WHERE size = 3", "export_kept", "over 3 facts"),
}  # fmt: skip


@pytest.mark.parametrize("name", CHANGES)
def test_the_verifier_itself_finds_rows_that_say_something_else(record: Keeper, owner_connection: Any, tmp_path: Path, name: str) -> None:
    statement, code, words = CHANGES[name]
    add(1)
    for table in ("record_fact", "record_treehead", "record_checkpoint"):
        owner_connection.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    for (constraint,) in owner_connection.execute(CHECKS).fetchall():
        owner_connection.execute(f"ALTER TABLE record_fact DROP CONSTRAINT {constraint}")
    owner_connection.execute(statement)
    export(tmp_path / "out")
    (tmp_path / "out" / "disagreements.jsonl").write_text("")
    verdict = verify_export(tmp_path / "out", keys=published.trusted_keys())
    assert (verdict.good, verdict.code) == (False, code), verdict.sentences
    assert words in verdict.sentences[0]


def test_a_database_that_lost_every_checkpoint_is_exported_and_refused(record: Keeper, owner_connection: Any, tmp_path: Path) -> None:
    owner_connection.execute("ALTER TABLE record_checkpoint DISABLE TRIGGER USER")
    owner_connection.execute("DELETE FROM record_checkpoint")
    export(tmp_path / "out")
    assert verify_export(tmp_path / "out", keys=published.trusted_keys()).code == "export_unsigned"


def test_a_directory_with_something_in_it_is_left_alone(record: Keeper, tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("mine")
    with pytest.raises(CommandError, match="not empty"):
        call_command("export_record", str(tmp_path))
    with pytest.raises(NotExported, match="not empty"):
        export(tmp_path / "kept")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


def test_an_export_that_fails_leaves_nothing_behind(record: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(exporting, "VERIFIER", tmp_path / "nowhere.py")
    with pytest.raises(NotExported, match="cannot be written: No such file"):
        export(tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


def test_where_nothing_was_signed_there_is_nothing_to_export(transactional_db: None, tmp_path: Path) -> None:
    with pytest.raises(NotExported, match="Nothing has been signed yet"):
        export(tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_export_waits_for_the_round_and_holds_nobody_up_afterwards(
    record: Keeper, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(snapshots, "WAIT_SECONDS", 0.1)
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True) as clock:
        clock.execute("SELECT pg_advisory_lock(%s)", [ROUND])
        with pytest.raises(CommandError, match="Try again"):
            call_command("export_record", str(tmp_path / "out"))
        clock.execute("SELECT pg_advisory_unlock(%s)", [ROUND])
    with snapshots.snapshot():
        add_elsewhere()
        assert record.round() == 1, "the clock goes on while the record is read"
    assert export(tmp_path / "out").facts == 15


def add_elsewhere() -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as other:
        other.execute(
            "INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES ('report.added', 'report:9', 'process:test', '{}', '{}')"
        )


def test_an_export_sees_one_moment(record: Keeper) -> None:
    with snapshots.snapshot() as (connection, _):
        add_elsewhere()
        record.round()
        assert connection.execute("SELECT count(*) FROM record_fact").fetchone() == (14,)


def test_it_is_not_begun_inside_a_transaction(record: Keeper, tmp_path: Path) -> None:
    with transaction.atomic(), pytest.raises(RuntimeError, match="of its own"):
        export(tmp_path / "out")


def test_no_private_key_is_needed(record: Keeper, tmp_path: Path) -> None:
    record.close()
    for key in places.keys().glob("*.pem"):
        key.unlink()
    export(tmp_path / "out")
    assert verify_export(tmp_path / "out", keys=published.trusted_keys()).good
    assert not list(places.keys().glob("*.pem"))


def test_memory_stays_the_same_however_long_the_record_is(record: Keeper, tmp_path: Path) -> None:
    used = [_measured(record, tmp_path / str(many), many) for many in (6_000, 30_000)]
    assert used[1] < used[0] + MARGIN_KB, f"{used[0]} KB for a fifth of what took {used[1]} KB"


def _measured(keeper: Keeper, into: Path, many: int) -> int:
    with psycopg.connect(settings.DATABASE_OWNER_URL) as owner:
        owner.execute(
            "INSERT INTO record_fact (kind, subject, actor, facts, sealed) "
            "SELECT 'report.added', 'report:' || n / 50, 'process:test', '{}', '{}' FROM generate_series(1, %s) AS n",
            [many],
        )
    keeper.round(most=many)
    keeper.close()  # a clock that does nothing for some seconds loses its connection; the next round takes another
    env = {**os.environ, "DATABASE_URL": settings.DATABASE_OWNER_URL, "RECORD_DIR": str(settings.RECORD_DIR)}
    ran = subprocess.run([sys.executable, "-c", MEASURE, str(into)], env=env, capture_output=True, text=True, check=True)
    facts, used = map(int, ran.stdout.split())
    assert facts >= many
    return used


def test_a_column_cannot_swallow_what_follows_it_in_the_leaf(record: Keeper, owner_connection: Any, tmp_path: Path) -> None:
    """Another way to cut the same leaf into columns: `facts` holds a whole leaf's middle, and the rest is found further on."""
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    owner_connection.execute("ALTER TABLE record_fact DROP CONSTRAINT fact_subject_seq")
    nested = '{"a":1},"id":7,"kind":"report.added","prev":"' + "0" * 64 + '","sealed":{}'
    owner_connection.execute("UPDATE record_fact SET facts = %s WHERE leaf_index = 5", [nested])
    with pytest.raises(CommandError, match="rows do not agree"):
        call_command("export_record", str(tmp_path / "out"))
    assert "says what no fact can say" in (tmp_path / "out" / "disagreements.jsonl").read_text()


def test_a_date_before_christ_does_not_pass_for_one_after(record: Keeper, owner_connection: Any, tmp_path: Path) -> None:
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    before_christ = "(to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US') || '+00 BC')::timestamptz"
    owner_connection.execute(f"UPDATE record_fact SET at = {before_christ} WHERE leaf_index = 5")  # noqa: S608 - our own words
    export(tmp_path / "out")
    assert "at place 5 of the tree) says what no fact can say" in (tmp_path / "out" / "disagreements.jsonl").read_text()
