from __future__ import annotations

import os
import time
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import transaction

from portal.record import keeping, keys, places, published, signing, state
from portal.record.appending import append, process_actor
from portal.record.checkpoints import parse_signed
from portal.record.keeping import Keeper
from portal.record.mirror import Mirror
from portal.record.models import Checkpoint, Fact, TreeHead
from portal.record.notes import NOTE, Key, parse_key, signed_by
from portal.record.proofs import check_inclusion
from portal.record.signing import Diverged, Signer
from portal.record.tiles import Tiles

pytestmark = pytest.mark.django_db(transaction=True)


def add(*subjects: str) -> None:
    with transaction.atomic():
        for subject in subjects:
            append(kind="report.sent", subject=subject, actor=process_actor("test"))


def rewrite(owner: psycopg.Connection[Any], statement: str) -> None:
    with owner.transaction():
        owner.execute("ALTER TABLE record_fact DISABLE TRIGGER USER; ALTER TABLE record_treehead DISABLE TRIGGER USER")
        owner.execute(statement.encode())
        owner.execute("ALTER TABLE record_fact ENABLE ALWAYS TRIGGER record_fact_keep")


def test_a_round_places_signs_mirrors_and_publishes(keeper: Keeper) -> None:
    add("report:a", "report:b")
    assert keeper.round() == 4  # the two keys were introduced first
    assert keeper.round() == 0
    kept = published.newest()
    assert kept is not None
    checkpoint, note = parse_signed(published.full_note(kept))
    assert (checkpoint.origin, checkpoint.size) == (settings.RECORD_ORIGIN, 4)
    assert checkpoint.root == bytes(TreeHead.objects.get(size=4).root)
    log = parse_key(published.trusted_keys()[0])
    timed = Key(log.name, 0x04, log.public)
    assert signed_by(note, [log, timed]) == {log: None, timed: int(kept.signed_at.timestamp())}
    assert list(places.mirror().read()) == [fact.leaf for fact in Fact.objects.sequenced()]
    fact = Fact.objects.get(subject="report:b")
    path = places.tiles().inclusion(fact.leaf_index or 0, 4)
    check_inclusion(index=fact.leaf_index or 0, size=4, leaf=bytes(fact.leaf_hash), path=path, root=checkpoint.root)


def test_the_keys_are_facts_too(keeper: Keeper) -> None:
    keeper.round()
    keeper.close()
    keeper.round()
    introduced = [(fact.data["use"], fact.data["vkey"]) for fact in Fact.objects.of_kind("record.key_introduced").order_by("id")]
    assert introduced == list(zip(["log", "portal"], published.trusted_keys(), strict=True))


def test_an_idle_tree_is_signed_again_before_its_checkpoint_is_a_minute_old(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.round()
    keeper.round()
    assert Checkpoint.objects.count() == 1
    monkeypatch.setattr(signing, "IDLE_SECONDS", 1)
    time.sleep(1.1)  # a signature says whole seconds
    keeper.round()
    first, second = Checkpoint.objects.order_by("id")
    assert (first.size, bytes(first.root)) == (second.size, bytes(second.root))


def test_a_log_keeps_its_name_when_the_portal_moves(keeper: Keeper) -> None:
    keeper.round()
    keeper.close()
    add("report:a")
    moved = Keeper(settings.DATABASE_SEQUENCER_URL, "elsewhere.example/record")
    moved.round()
    moved.close()
    kept = published.newest()
    assert kept is not None
    assert (kept.size, parse_signed(kept.note)[0].origin) == (3, settings.RECORD_ORIGIN)


def test_a_second_clock_waits_until_the_first_is_gone(keeper: Keeper) -> None:
    other = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
    keeper.round()
    add("report:a")
    assert other.round() == 0
    keeper.close()
    assert other.round() == 1
    assert state.read(places.state()).size == 3
    other.close()


def test_the_signer_refuses_a_tree_that_is_smaller_than_the_one_it_signed(keeper: Keeper, owner_connection: Any) -> None:
    add("report:a")
    keeper.round()
    rewrite(owner_connection, "DELETE FROM record_treehead; UPDATE record_fact SET leaf_index = NULL")
    before = Checkpoint.objects.count()
    with pytest.raises(Diverged, match="but 3 were signed"):
        keeper.round()
    with pytest.raises(Diverged):
        keeper.round()
    assert Checkpoint.objects.count() == before
    assert Fact.objects.unsequenced().count() == 3, "nothing is placed in a tree that is not the signed one"


def test_the_signer_refuses_a_tree_whose_past_was_rewritten(keeper: Keeper, owner_connection: Any) -> None:
    add("report:a")
    keeper.round()
    rewrite(owner_connection, "UPDATE record_treehead SET root = sha256('another')")
    with pytest.raises(Diverged, match="not the one that was signed"):
        keeper.round()


def test_the_signer_refuses_a_new_leaf_that_was_changed_after_it_was_placed(keeper: Keeper, owner_connection: Any) -> None:
    keeper.round()
    add("report:a")
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True) as other:
        keeper.close()
        from portal.record.sequencing import sequence

        assert sequence(other) == 1
    rewrite(owner_connection, "UPDATE record_fact SET kind = 'report.closed' WHERE subject = 'report:a'")
    with pytest.raises(Diverged, match="hash of its text"):
        keeper.round()


class Died(BaseException):
    """The process is gone at this point."""


@pytest.mark.parametrize(
    ("where", "what"),
    [(Mirror, "grow"), (Tiles, "grow"), (state, "swap"), (Signer, "_publish_last")],
    ids=["mirror", "tiles", "state", "row"],
)
def test_a_crash_between_any_two_steps_loses_nothing(keeper: Keeper, monkeypatch: pytest.MonkeyPatch, where: Any, what: str) -> None:
    keeper.round()
    add("report:a", "report:b")
    real = getattr(where, what)

    def dies(*given: Any, **named: Any) -> None:
        if where is not Signer:
            real(*given, **named)
        if where is not Signer or given[0].last.size > 2:
            raise Died

    with monkeypatch.context() as patch:
        patch.setattr(where, what, dies)
        with pytest.raises(Died):
            keeper.round()
    keeper.round()
    add("report:c")
    keeper.round()
    kept = published.newest()
    assert kept is not None
    assert kept.size == 5
    assert places.mirror().size() == places.tiles().size() == 5
    assert list(places.mirror().read()) == [fact.leaf for fact in Fact.objects.sequenced()]
    sizes = list(Checkpoint.objects.order_by("id").values_list("size", flat=True))
    assert sizes == [2, 4, 5]


def test_a_line_or_hash_that_a_crash_cut_short_is_written_again(keeper: Keeper) -> None:
    keeper.round()
    keeper.close()
    with (places.home() / "leaves" / "000000.jsonl").open("a") as mirror, (places.home() / "tiles" / "0").open("ab") as tiles:
        mirror.write('{"half')
        tiles.write(os.urandom(40))
    add("report:a")
    assert keeper.round() == 1
    assert list(places.mirror().read()) == [fact.leaf for fact in Fact.objects.sequenced()]
    assert places.tiles().root(3) == bytes(TreeHead.objects.get(size=3).root)


def test_lost_tiles_and_mirror_are_made_again_from_the_database(keeper: Keeper) -> None:
    add(*(f"report:{number}" for number in range(300)))
    keeper.round()
    keeper.close()
    for path in [*(places.home() / "leaves").iterdir(), *(places.home() / "tiles").iterdir()]:
        path.unlink()
    add("report:a")
    keeper.round()
    assert places.mirror().size() == 303
    assert places.tiles().root(303) == bytes(TreeHead.objects.get(size=303).root)


@pytest.mark.parametrize("text", ["", "{}", "null\n", '{"at":1,"note":"x","shard":1}\n', '{"at": 1, "note": "", "shard": 1}\n'])
def test_a_state_that_was_tampered_with_stops_the_signing(keeper: Keeper, text: str) -> None:
    keeper.round()
    keeper.close()
    places.state().write_text(text)
    add("report:a")
    with pytest.raises(state.Unreadable, match="put back the file"):
        keeper.round()
    assert Fact.objects.unsequenced().count() == 1


def test_the_state_moves_only_forward_and_only_from_what_it_was() -> None:
    one = state.Signed(shard=1, size=0, at=5)
    state.swap(places.state(), old=state.Signed(), new=one)
    with pytest.raises(state.Overtaken):
        state.swap(places.state(), old=state.Signed(), new=state.Signed(at=9))
    with pytest.raises(ValueError, match="forward"):
        state.swap(places.state(), old=one, new=state.Signed(at=4))
    assert state.read(places.state()) == one


def test_private_keys_are_for_their_owner_alone_and_stay_the_same(keeper: Keeper) -> None:
    keeper.round()
    first = published.trusted_keys()
    modes = {path.name: path.stat().st_mode & 0o777 for path in places.keys().iterdir()}
    assert modes == {"log.pem": 0o600, "log.pub": 0o644, "portal.pem": 0o600, "portal.pub": 0o644}
    assert [parse_key(key).kind for key in first] == [NOTE, NOTE]
    (places.keys() / "log.pem").write_text("not a key")
    with pytest.raises(keys.UnusableKey, match=r"log\.pem"):
        keys.log_keys()


def test_a_private_key_that_is_gone_is_asked_for_and_not_made_anew(keeper: Keeper) -> None:
    keeper.round()
    trusted = published.trusted_keys()
    for name in ("log", "portal"):
        kept = (places.keys() / f"{name}.pem").rename(places.keys() / "kept")
        with pytest.raises(keys.UnusableKey, match=rf"put {name}\.pem back"):
            keys.private_key(name)
        kept.rename(places.keys() / f"{name}.pem")
        keys.private_key(name)
    assert published.trusted_keys() == trusted


def test_after_an_outage_nothing_is_signed_that_leaves_out_facts_from_before(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.round()
    monkeypatch.setattr(keeping, "LATE_SECONDS", 0.0)
    add(*(f"report:{number}" for number in range(5)))
    assert [keeper.round(most=2) for _ in range(3)] == [2, 2, 1]
    assert list(Checkpoint.objects.order_by("id").values_list("size", flat=True)) == [2, 7]
