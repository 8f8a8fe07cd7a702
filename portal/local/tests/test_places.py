"""Where the embedded servers may live."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from portal.local import places


def test_a_long_state_directory_still_gives_a_short_socket_path(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    deep.mkdir(parents=True)
    socket = places.socket_home(deep) / ".s.PGSQL.5432.lock"
    assert len(str(socket).encode()) <= 107
    assert not socket.parent.exists(), "whoever asks where it is has started no server"


def test_a_long_temporary_directory_is_not_used_for_sockets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    long = tmp_path / ("t" * 120)
    long.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(long))
    assert places.socket_home(tmp_path).parent == Path("/tmp")


def test_a_private_parent_is_not_reachable_by_others(tmp_path: Path) -> None:
    private = tmp_path / "private"
    (private / "inside").mkdir(parents=True)
    private.chmod(0o700)
    assert not places.reachable(private / "inside")


def test_a_directory_laid_out_by_somebody_else_is_refused(tmp_path: Path) -> None:
    mine = tmp_path / "home"
    mine.mkdir()
    with pytest.raises(places.CannotPlace, match="belongs to somebody else"):
        places.own(mine, (os.geteuid() + 1, os.getegid()))


def test_a_link_in_place_of_the_directory_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "home").symlink_to(tmp_path / "real")
    with pytest.raises(places.CannotPlace):
        places.own(tmp_path / "home", None)


def test_a_user_number_without_a_name_is_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 3_999_999_999)
    with pytest.raises(places.CannotPlace, match="has no name on this machine"):
        places.server_ids()
