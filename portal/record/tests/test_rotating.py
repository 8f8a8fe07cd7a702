from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import OperationalError, connection
from django.test import Client

from portal.record import appending, disk, keys, places, published, rotating, standing
from portal.record.checkpoints import parse_signed
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.notes import COSIGNATURE, Key, Note, parse_key, signed_by
from portal.record.standing import RecordReadOnly
from portal.record.tests.restores import add
from portal.record.verifier import candour_verify

pytestmark = pytest.mark.django_db(transaction=True)


def rotate(*options: str) -> str:
    out = StringIO()
    call_command("rotate_record_key", *options, stdout=out)
    return out.getvalue()


def newest() -> Note:
    kept = published.newest()
    assert kept is not None
    return parse_signed(kept.note)[1]


def signs(note: Note, vkey: str) -> bool:
    key = parse_key(vkey)
    return len(signed_by(note, [key, Key(key.name, COSIGNATURE, key.public)])) == 2


@pytest.fixture
def begun(keeper: Keeper) -> tuple[str, str]:
    """The vkeys of the old and the next log key, while they overlap."""
    keeper.round()
    rotate("--begin")
    add("report:a")
    keeper.round()
    old, new, _ = published.trusted_keys()
    return old, new


def test_while_they_overlap_both_keys_sign_and_either_verifies(begun: tuple[str, str]) -> None:
    note = newest()
    assert len(note.lines) == 4
    assert signs(note, begun[0])
    assert signs(note, begun[1])


def test_the_change_is_a_fact_with_both_keys(begun: tuple[str, str], keeper: Keeper) -> None:
    fact = Fact.objects.get(kind="record.key_changed")
    assert fact.subject == "record:keys"
    assert fact.data == {"use": "log", "old": begun[0], "new": begun[1]}
    keeper.close()
    keeper.round()
    assert Fact.objects.filter(kind="record.key_introduced").count() == 2, "a key that was changed to needs no second introduction"


def test_the_overlap_lasts_a_day(begun: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="Both keys sign until"):
        rotate("--finish")
    assert published.trusted_keys()[0] == begun[0]


def test_after_a_day_the_next_key_signs_alone(begun: tuple[str, str], keeper: Keeper, monkeypatch: Any, client: Client) -> None:
    before = newest()
    later = appending.now() + timedelta(hours=24, minutes=1)
    monkeypatch.setattr(rotating, "now", lambda: later)
    assert begun[1] in rotate("--finish")
    assert published.trusted_keys()[0] == begun[1]
    assert published.retired_keys() == [begun[0]]
    assert not keys.exists(keys.NEXT)
    add("report:b")
    keeper.round()
    assert len(newest().lines) == 2
    assert signs(newest(), begun[1])
    assert signs(before, begun[0]), "what the old key signed stays good"
    retired = Fact.objects.get(kind="record.key_retired")
    assert retired.data == {"use": "log", "vkey": begun[0], "followed_by": begun[1], "why": ""}
    listed = client.get("/record/keys").content.decode().splitlines()
    assert [line for line in listed if line.startswith("#")] == [f"# retired: {begun[0]}"]
    assert "Retired" in client.get("/record/").content.decode()


def test_an_export_from_after_it_is_good_by_the_keys_that_the_portal_lists(
    begun: tuple[str, str], keeper: Keeper, client: Client, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rotate("--finish", "--now", "--why=a drill")
    add("report:b")
    keeper.round()
    call_command("export_record", str(tmp_path / "export"), stdout=StringIO())
    listed = tmp_path / "keys.txt"
    listed.write_text(client.get("/record/keys").content.decode())
    assert candour_verify.main([str(tmp_path / "export"), "--key", str(listed)]) == 0
    assert "signed with a key that the record has retired since" in capsys.readouterr().out


def test_a_leak_does_not_wait_and_the_record_says_why(begun: tuple[str, str]) -> None:
    with pytest.raises(CommandError, match="goes with --finish and --why"):
        rotate("--finish", "--now")
    rotate("--finish", "--now", "--why=the old key may have leaked")
    assert Fact.objects.get(kind="record.key_retired").data["why"] == "the old key may have leaked"


def test_steps_out_of_order_are_refused(keeper: Keeper) -> None:
    with pytest.raises(CommandError, match="no keys yet"):
        rotate("--begin")
    keeper.round()
    with pytest.raises(CommandError, match="Begin one"):
        rotate("--finish")
    rotate("--begin")
    with pytest.raises(CommandError, match="under way"):
        rotate("--begin")


def test_nothing_is_changed_while_the_portal_is_read_only(keeper: Keeper) -> None:
    keeper.round()
    standing.halt("something")
    for step in (rotating.begin, rotating.replace_portal_key):
        with pytest.raises(RecordReadOnly):
            step()
    assert not any(keys.exists(name) for name in (keys.NEXT, keys.PREPARED, keys.PORTAL_NEXT))


class Died(BaseException):
    """The process is gone at this point."""


@pytest.mark.parametrize(
    ("room", "where", "facts"),
    [(rotating, "append", 1), (connection, "commit", 1), (keys, "succeed", 2)],
    ids=["fact", "commit", "succeed"],
)
def test_a_beginning_that_failed_signs_nothing_and_the_next_one_takes_its_key(
    keeper: Keeper, monkeypatch: pytest.MonkeyPatch, room: Any, where: str, facts: int
) -> None:
    def fails(*_: Any, **__: Any) -> None:
        raise OperationalError("injected")

    keeper.round()
    with monkeypatch.context() as patch:
        patch.setattr(room, where, fails)
        with pytest.raises(OperationalError, match="injected"):
            rotating.begin()
    made = keys.public(keys.PREPARED, settings.RECORD_ORIGIN)
    assert (keys.exists(keys.NEXT), len(keys.log_keys()), len(published.trusted_keys())) == (False, 1, 2)
    with pytest.raises(CommandError, match="Begin one"):
        rotate("--finish")
    assert "An earlier --begin broke off" in rotate("--begin")
    assert made is not None
    assert published.trusted_keys()[1] == str(made)
    assert not keys.exists(keys.PREPARED)
    assert Fact.objects.filter(kind="record.key_changed").count() == facts
    with pytest.raises(CommandError, match="under way"):
        rotate("--begin")


def test_a_beginning_between_its_two_files_is_finished(begun: tuple[str, str]) -> None:
    (places.keys() / "log-next.pub").rename(places.keys() / "log-prepared.pub")
    assert "broke off" in rotate("--begin")
    assert published.trusted_keys()[:2] == list(begun)
    assert len(keys.log_keys()) == 2


def test_a_next_key_that_signs_and_that_the_record_does_not_know_is_written_down(keeper: Keeper) -> None:
    keeper.round()
    keys.make(keys.NEXT)
    signing = keys.public(keys.NEXT, settings.RECORD_ORIGIN)
    assert "broke off" in rotate("--begin")
    assert Fact.objects.get(kind="record.key_changed").data["new"] == str(signing)
    assert len(keys.log_keys()) == 2


@pytest.mark.parametrize(("room", "where"), [(keys, "succeed"), (disk, "sync_directory")], ids=["succeed", "retire"])
def test_a_finish_that_broke_off_is_finished(begun: tuple[str, str], monkeypatch: pytest.MonkeyPatch, room: Any, where: str) -> None:
    def dies(*_: Any) -> None:
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr(room, where, dies)
        with pytest.raises(Died):
            rotating.finish(early="a leak")
    assert rotating.finish(early="a leak").new == parse_key(begun[1])
    assert published.trusted_keys()[0] == begun[1]
    assert published.retired_keys() == [begun[0]]
    assert Fact.objects.filter(kind="record.key_retired").count() == 1


def test_a_finish_between_its_two_files_is_finished(begun: tuple[str, str]) -> None:
    (places.keys() / "log-next.pem").rename(places.keys() / "log.pem")
    with pytest.raises(CommandError, match="under way"):
        rotate("--begin")
    rotating.finish(early="a leak")
    assert published.trusted_keys()[0] == begun[1]
    assert len(keys.log_keys()) == 1


def test_the_portal_key_is_replaced_at_once(keeper: Keeper) -> None:
    keeper.round()
    old = published.trusted_keys()[-1]
    rotate("--portal", "--why=a web server was broken into")
    new = published.trusted_keys()[-1]
    assert new != old
    assert parse_key(new).name == f"{settings.RECORD_ORIGIN}/portal"
    assert published.retired_keys() == [old]
    assert parse_key(new).public == keys.private_key(keys.PORTAL).public_key().public_bytes_raw()
    kinds = list(Fact.objects.for_subject("record:keys").order_by("id").values_list("kind", flat=True))
    assert kinds == ["record.key_introduced", "record.key_introduced", "record.key_changed", "record.key_retired"]
