from __future__ import annotations

import shutil
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client

from portal.notices.models import Outbox, State
from portal.notices.outbox import put
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record import places, published, standing, state
from portal.record.checkpoints import parse_signed
from portal.record.keeping import Keeper
from portal.record.leaves import LEAF
from portal.record.models import Fact, TreeHead
from portal.record.notes import COSIGNATURE, Key, parse_key, signed_by
from portal.record.proofs import check_inclusion
from portal.record.restoring import reconciling
from portal.record.restoring.reading_back import BadLeaf, read_leaf
from portal.record.standing import Reason
from portal.record.tests import restores
from portal.record.tests.restores import Backup, add, triggers_not_always
from portal.record.verifier.candour_verify import verify_export
from portal.record.verifying import verify

pytestmark = pytest.mark.django_db(transaction=True)


def reconcile(*options: str) -> str:
    out = StringIO()
    call_command("reconcile_record", *(options or ("--yes",)), stdout=out)
    return out.getvalue()


def reason() -> Reason | None:
    standing.forget()
    found = standing.trouble()
    return found.reason if found else None


def an_auditor() -> Person:
    auditor: Person = PersonFactory.create()
    auditor.groups.add(Group.objects.get_or_create(name=Role.AUDITOR)[0])
    return auditor


@pytest.fixture
def older(keeper: Keeper, owner_connection: Any) -> Backup:
    """Ten facts were signed, a copy was made, twenty more were signed, and the copy was put back."""
    add(*(f"report:{number}" for number in range(8)))
    keeper.round()
    add("report:unplaced")
    backup = Backup(owner_connection)
    add(*(f"report:{number}" for number in range(4, 20)), "handset:a", "handset:a", "handset:a", kind="report.added")
    keeper.round()
    keeper.close()
    backup.put_back()
    return backup


def columns() -> list[Any]:
    return list(Fact.objects.order_by("id").values_list())


def test_an_older_database_is_rolled_forward_to_exactly_what_was_signed(keeper: Keeper, owner_connection: Any) -> None:
    add("report:a", "report:b")
    keeper.round()
    backup = Backup(owner_connection)
    add("report:a", "report:c")
    keeper.round()
    keeper.close()
    before, head = columns(), bytes(TreeHead.objects.get(size=6).root)
    backup.put_back()
    assert reason() is Reason.BEHIND
    said = reconcile()
    assert "Rolled forward from 4 to 6 facts" in said
    assert "2 × report.sent" in said
    assert columns()[:6] == before
    assert bytes(TreeHead.objects.get(size=6).root) == head
    assert reason() is None
    assert triggers_not_always(owner_connection) == []


def test_signing_goes_on_and_old_proofs_hold(older: Backup, keeper: Keeper) -> None:
    signed = state.read(places.state())
    reconcile()
    add("report:later")
    assert keeper.round() == 2
    newest = published.newest()
    assert newest is not None
    assert newest.size == 32
    tiles = places.tiles()
    assert tiles.root(30) == signed.root
    for fact in Fact.objects.sequenced():
        index = fact.leaf_index or 0
        path = tiles.inclusion(index, 32)
        check_inclusion(index=index, size=32, leaf=bytes(fact.leaf_hash), path=path, root=bytes(newest.root))
    assert verify().size == 32


def test_a_fact_that_waited_for_its_place_gets_the_one_it_had(older: Backup) -> None:
    waiting = Fact.objects.get(subject="report:unplaced")
    assert waiting.leaf_index is None
    reconcile()
    waiting.refresh_from_db()
    assert waiting.leaf_index == 10


def test_the_rolling_forward_is_a_fact_and_auditors_are_told(older: Backup) -> None:
    auditor = an_auditor()
    reconcile()
    fact = Fact.objects.get(kind="record.rolled_forward")
    assert (fact.subject, fact.actor) == ("record:restores", "process:reconcile")
    assert fact.data == {"from": 10, "to": 30, "put_back": 19}
    assert Outbox.objects.get(to=auditor).kind == "record.restored"


def test_letters_of_the_older_day_are_held_back(older: Backup) -> None:
    with transaction.atomic():
        put(to=PersonFactory(), kind="a.b", subject="s", body="b", link="/", dedupe="a:1")
    assert "1 letters were held back" in reconcile()
    assert Outbox.objects.get(dedupe="a:1").state == State.FAILED


def test_a_look_changes_nothing(older: Backup) -> None:
    before = columns()
    assert "Proposed: roll the database forward" in reconcile("--dry-run")
    assert columns() == before
    assert reason() is Reason.BEHIND


def test_who_does_not_agree_changes_nothing(older: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    before = columns()
    monkeypatch.setattr("builtins.input", lambda _: "n")
    assert "Nothing was changed" in reconcile("--why=")
    assert columns() == before


def test_a_record_in_order_is_left_as_it_is(keeper: Keeper) -> None:
    keeper.round()
    assert "All is well" in reconcile()
    with pytest.raises(CommandError, match="no reason to end"):
        reconcile("--new-shard", "--why=bored", "--yes")


def test_a_running_clock_has_to_stop_first(older: Backup, sequencer_connection: Any) -> None:
    sequencer_connection.execute("SELECT pg_advisory_lock(%s)", [0x43414E44])
    with pytest.raises(CommandError, match="Stop it, and run this again"):
        reconcile()
    sequencer_connection.execute("SELECT pg_advisory_unlock_all()")


class Died(BaseException):
    """The process is gone at this point."""


@pytest.mark.parametrize("where", ["rolling.write", "guarded_again", "append", "check_rows"])
def test_a_crash_half_way_leaves_all_as_it_was(older: Backup, owner_connection: Any, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    before, target = columns(), f"portal.record.restoring.reconciling.{where}"
    module, _, name = where.rpartition(".")
    real = getattr(getattr(reconciling, module) if module else reconciling, name)

    def dies(*given: Any, **named: Any) -> None:
        real(*given, **named)
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(target, dies)
        with pytest.raises(Died):
            reconcile()
    assert columns() == before
    assert reason() is Reason.BEHIND
    assert triggers_not_always(owner_connection) == []
    assert "Rolled forward" in reconcile()


def flip(byte: int) -> None:
    path = places.home() / "leaves" / "000000.jsonl"
    data = bytearray(path.read_bytes())
    data[byte] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize("byte", [12, -40])
def test_a_mirror_with_a_flipped_bit_is_refused(older: Backup, byte: int) -> None:
    before = columns()
    flip(byte)
    with pytest.raises(CommandError, match="not those that were signed"):
        reconcile()
    assert columns() == before


def test_a_mirror_that_is_lost_is_asked_for(older: Backup) -> None:
    shutil.rmtree(places.home() / "leaves")
    with pytest.raises(CommandError, match="holds 0 of the 30 leaves"):
        reconcile()


def test_what_was_written_after_the_restore_is_a_fork(older: Backup, keeper: Keeper) -> None:
    with standing.putting_right():
        add("report:4")
    before = columns()
    with pytest.raises(CommandError, match=r"Fact \d+ .*cannot be joined"):
        reconcile()
    assert columns() == before


def test_a_new_shard_begins_with_the_last_checkpoint_of_the_one_before(older: Backup, keeper: Keeper, owner_connection: Any) -> None:
    with standing.putting_right():
        add("report:4")
    signed, old_keys = state.read(places.state()), published.trusted_keys()
    auditor = an_auditor()
    said = reconcile("--new-shard", "--why=an older copy was put back and used", "--yes")
    assert "The new shard is open, with 13 facts" in said
    first = Fact.objects.get(leaf_index=0)
    assert (first.kind, first.subject) == ("record.shard_opened", "record:shards")
    assert first.data["checkpoint"] == signed.note
    assert first.data["opened"] == published.origin() == f"{settings.RECORD_ORIGIN}/2"
    assert list(Fact.objects.filter(leaf_index__gt=0).order_by("leaf_index").values_list("id", flat=True)) == sorted(
        Fact.objects.filter(leaf_index__gt=0).values_list("id", flat=True)
    )
    assert reason() is None
    assert triggers_not_always(owner_connection) == []
    assert Outbox.objects.filter(to=auditor).count() == 1
    keeper.round()
    keeper.round()
    newest = published.newest()
    assert newest is not None
    checkpoint, note = parse_signed(newest.note)
    assert (checkpoint.origin, checkpoint.size) == (f"{settings.RECORD_ORIGIN}/2", 15)
    log = parse_key(published.trusted_keys()[0])
    assert signed_by(note, [log, Key(log.name, COSIGNATURE, log.public)])
    assert set(old_keys) <= set(published.retired_keys())
    assert state.read(places.shards() / "1" / "signer.json") == signed
    kept = (places.shards() / "1" / "leaves" / "000000.jsonl").read_text().splitlines()
    assert len(kept) == 30
    assert verify().size == 15


def test_an_export_of_a_new_shard_is_good_by_itself(older: Backup, keeper: Keeper, tmp_path: Path) -> None:
    shutil.rmtree(places.home() / "leaves")
    reconcile("--new-shard", "--why=the mirror is lost", "--yes")
    assert published.newest() is None, "nothing of the new tree is signed yet"
    keeper.round()
    keeper.round()
    call_command("export_record", str(tmp_path / "export"), stdout=StringIO())
    found = verify_export(tmp_path / "export", keys=published.trusted_keys())
    assert found.good, found.sentences


def test_each_shard_keeps_its_addresses_and_a_third_is_good_too(
    older: Backup, keeper: Keeper, owner_connection: Any, client: Client, tmp_path: Path
) -> None:
    for number in (1, 2):
        before, first = state.read(places.state()).note, client.get("/record/tile/0/000.p/2").content
        shutil.rmtree(places.home() / "leaves")
        reconcile("--new-shard", "--why=an older copy was used", "--yes")
        keeper.round()
        keeper.round()
        assert client.get(f"/record/{number}/tile/0/000.p/2").content == first
        assert client.get(f"/record/{number}/checkpoint").content.decode() == before
        now = client.get(f"/record/{number + 1}/tile/0/000.p/2").content
        assert now == client.get("/record/tile/0/000.p/2").content != first
        call_command("export_record", str(tmp_path / str(number)), stdout=StringIO())
        found = verify_export(tmp_path / str(number), keys=published.trusted_keys())
        assert found.good, found.sentences
        again(keeper, owner_connection)


def again(keeper: Keeper, owner: Any) -> None:
    """An older copy is put back once more."""
    for table in restores.TABLES:
        owner.execute(f"DROP TABLE copy_of_{table}")
    backup = Backup(owner)
    add("report:again")
    keeper.round()
    keeper.close()
    backup.put_back()


def test_a_new_shard_that_broke_off_is_finished(older: Backup, monkeypatch: pytest.MonkeyPatch) -> None:
    def dies(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(state, "put_right", dies)
        with pytest.raises(Died):
            reconcile("--new-shard", "--why=no mirror", "--yes")
    assert reason() is Reason.BEHIND
    assert "The new shard is open" in reconcile()
    assert reason() is None
    assert Fact.objects.filter(kind="record.shard_opened").count() == 1


def test_a_new_shard_needs_a_reason(older: Backup) -> None:
    with pytest.raises(CommandError, match="goes with --why"):
        reconcile("--new-shard", "--yes")


def test_a_lost_state_is_taken_up_from_the_newest_checkpoint(keeper: Keeper) -> None:
    add("report:a")
    keeper.round()
    keeper.close()
    signed = state.read(places.state())
    places.state().unlink()
    assert reason() is Reason.LOST
    reconcile()
    assert state.read(places.state()) == signed
    assert reason() is None


def test_a_lost_state_with_an_older_database_goes_on_from_the_mirror(older: Backup, keeper: Keeper) -> None:
    signed = state.read(places.state())
    places.state().unlink()
    assert "goes on from the published checkpoint of 10 facts" in reconcile()
    keeper.round()
    assert places.tiles().root(30) == signed.root
    assert verify().size == 31


def test_an_unreadable_state_is_kept_and_taken_up_anew(keeper: Keeper) -> None:
    keeper.round()
    keeper.close()
    places.state().write_text("{}")
    assert reason() is Reason.UNREADABLE
    reconcile()
    assert (places.home() / "signer.unreadable.json").read_text() == "{}"
    assert reason() is None


def test_a_checkpoint_by_another_key_is_not_taken_up(keeper: Keeper) -> None:
    keeper.round()
    keeper.close()
    places.state().unlink()
    for path in places.keys().glob("log.*"):
        path.unlink()
    with pytest.raises(CommandError, match="not signed by the log key"):
        reconcile()
    assert reason() is Reason.LOST


def test_a_halted_signer_goes_on_only_when_all_agrees(keeper: Keeper) -> None:
    add("report:a")
    keeper.round()
    keeper.close()
    standing.halt("leaf 2 does not have the hash of its text")
    assert reason() is Reason.HALTED
    flip(12)
    with pytest.raises(CommandError, match="it is the mirror that is wrong"):
        reconcile()
    shutil.rmtree(places.home() / "leaves")
    (places.home() / "tiles" / "0").write_bytes(b"")
    assert "agree" in reconcile()
    assert reason() is None
    add("report:b")
    assert keeper.round() == 1
    assert places.mirror().size() == places.tiles().size() == 4


OLD = f"""
UPDATE record_fact SET leaf_version = 1 WHERE subject = 'report:old';
UPDATE record_fact SET leaf_hash = sha256('\\x00'::bytea || convert_to({LEAF}, 'UTF8')) WHERE subject = 'report:old';
UPDATE record_chain AS kept SET head = leaf_hash FROM record_fact AS fact WHERE fact.subject = kept.subject AND kept.subject = 'report:old';
"""  # noqa: S608 - a constant


def test_leaves_of_version_1_get_the_next_free_ids(keeper: Keeper, owner_connection: Any) -> None:
    keeper.round()
    backup = Backup(owner_connection)
    add("report:old")
    owner_connection.execute("ALTER TABLE record_fact DISABLE TRIGGER record_fact_keep")
    owner_connection.execute(OLD)
    owner_connection.execute("ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep")
    add("report:old")
    keeper.round()
    keeper.close()
    backup.put_back()
    assert "Rolled forward from 2 to 4 facts" in reconcile()
    old, new = Fact.objects.for_subject("report:old")
    assert old.leaf.endswith('"v":1}')
    assert old.pk != new.pk
    assert verify().size == 4


@pytest.mark.parametrize("text", ["", "{}", "[]", "null", '{"v":2}', '{"v": 1}', "9" * 5000])
def test_a_line_that_is_no_leaf_is_said_to_be_none(text: str) -> None:
    with pytest.raises(BadLeaf):
        read_leaf(text)
