"""What a run keeps for the next one."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from portal.local.state import BASE, AlreadyRunning, State, fingerprint


def test_secrets_are_made_once_and_readable_by_their_owner_alone(tmp_path: Path) -> None:
    first = State(tmp_path).secrets()
    assert State(tmp_path).secrets() == first
    assert (tmp_path / "secrets.env").stat().st_mode & 0o777 == 0o600
    assert len(base64.b64decode(first["VAULT_KEY"])) == 32
    assert len(first["SECRET_KEY"]) >= 50


def test_two_places_have_different_secrets(tmp_path: Path) -> None:
    assert State(tmp_path / "a").secrets() != State(tmp_path / "b").secrets()


def test_a_second_run_from_the_same_place_is_refused_with_the_first_ones_process(tmp_path: Path) -> None:
    State(tmp_path).hold()
    with pytest.raises(AlreadyRunning, match=str(os.getpid())):
        State(tmp_path).hold()


def test_a_killed_run_leaves_no_hold(tmp_path: Path) -> None:
    code = f"from pathlib import Path; from portal.local.state import State; import os; State(Path({str(tmp_path)!r})).hold(); os.abort()"
    ended = subprocess.run([sys.executable, "-c", code], cwd=BASE, check=False)
    State(tmp_path).hold()
    assert ended.returncode != 0
    assert (tmp_path / "run.pid").read_text() == f"{os.getpid()}\n"


def test_a_stamp_is_what_was_last_kept(tmp_path: Path) -> None:
    state = State(tmp_path)
    assert state.stamp("static") == ""
    state.set_stamp("static", "one")
    assert State(tmp_path).stamp("static") == "one"


@pytest.mark.parametrize("contents", [True, False])
def test_a_fingerprint_changes_with_a_file(tmp_path: Path, contents: bool) -> None:
    file = tmp_path / "a.css"
    file.write_text("a")
    before = fingerprint([tmp_path], contents=contents)
    assert fingerprint([tmp_path], contents=contents) == before
    file.write_text("ab")
    assert fingerprint([tmp_path], contents=contents) != before
