from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from portal.record import places, published
from portal.record.appending import Entry, append_unread, process_actor
from portal.record.checkpoints import parse_signed
from portal.record.keeping import Keeper
from portal.record.notes import parse_key, signed_by

pytestmark = pytest.mark.django_db(transaction=True)


def add(many: int) -> None:
    with transaction.atomic():
        append_unread([Entry(kind="report.sent", subject=f"report:{n}", actor=process_actor("test")) for n in range(many)])


@pytest.mark.parametrize("address", ["/record/checkpoint", "/record/tile/0/000.p/1", "/record/tile/0/000"])
def test_there_is_nothing_before_the_first_checkpoint(client: Client, address: str) -> None:
    assert client.get(address).status_code == 404


def test_anybody_can_fetch_a_signed_checkpoint_and_the_key_it_is_checked_with(client: Client, keeper: Keeper) -> None:
    keeper.round()
    page = client.get("/record/checkpoint")
    assert page["Content-Type"] == "text/plain; charset=utf-8"
    assert "max-age=2" in page["Cache-Control"]
    checkpoint, note = parse_signed(page.content.decode())
    listed = client.get("/record/keys").content.decode().splitlines()
    log = parse_key(listed[0])
    assert log.name == checkpoint.origin
    assert signed_by(note, [log]) == {log: None}
    assert parse_key(listed[-1]).name == f"{checkpoint.origin}/portal"


def test_tiles_give_the_root_of_the_checkpoint(client: Client, keeper: Keeper) -> None:
    add(300)
    keeper.round()
    first, rest = client.get("/record/tile/0/000"), client.get("/record/tile/0/001.p/46")
    assert first["Content-Type"] == "application/octet-stream"
    assert ("max-age=60" in first["Cache-Control"], "immutable" in first["Cache-Control"]) == (True, False)
    own = client.get("/record/1/tile/0/000")
    assert own.content == first.content
    assert "immutable" in own["Cache-Control"]
    assert client.get("/record/1/checkpoint").content == client.get("/record/checkpoint").content
    assert client.get("/record/2/checkpoint").status_code == client.get("/record/2/tile/0/000").status_code == 404
    assert first.content + rest.content == places.tiles().leaves(0, 302)
    assert client.get("/record/tile/1/000.p/1").content == places.tiles().root(256)
    assert client.get("/record/tile/0/001.p/20").content == rest.content[: 20 * 32]


@pytest.mark.parametrize(
    "tile",
    [
        "0/000", "0/000.p/3", "0/000.p/0", "0/000.p/01", "0/000.p/256", "0/000.p/300", "0/0", "0/x000/000", "0/x001/000", "0/001.p/1",
        "00/000", "1/000.p/1", "64/000", "7/000", "0/-01", "0/000.p/-1", "entries/000.p/1", "0/" + "x999/" * 30 + "999", "0/٠٠٠",
    ],
)  # fmt: skip
def test_what_was_not_signed_and_what_is_no_tile_is_not_found(client: Client, keeper: Keeper, tile: str) -> None:
    keeper.round()
    assert client.get(f"/record/tile/{tile}").status_code == 404


def test_the_log_is_only_read(client: Client, keeper: Keeper) -> None:
    keeper.round()
    for address in ("checkpoint", "keys", "tile/0/000.p/1"):
        assert client.post(f"/record/{address}").status_code == 405


def test_the_window_says_how_long_the_oldest_fact_has_waited(keeper: Keeper) -> None:
    keeper.round()
    assert published.window() == published.Window(0, 0.0)
    add(3)
    waiting = published.window()
    assert waiting.facts == 3
    assert 0 <= waiting.seconds < 60
