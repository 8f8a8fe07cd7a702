"""`make manage`: a command on the portal that runs, on servers of one's own, or before there is either."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Any

import pytest

from portal.local import manage
from portal.local.state import State


@pytest.fixture
def started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[dict[str, str]]:
    """The environments in which a command was started, from a place where nothing runs and no server is named."""
    for name in [name for name in os.environ if name.startswith(("DATABASE_", "REDIS_"))]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("STATE_DIR", str(tmp_path))
    environments: list[dict[str, str]] = []

    def run(words: list[str], *, env: dict[str, str], **options: Any) -> subprocess.CompletedProcess[bytes]:
        environments.append(env)
        return subprocess.CompletedProcess(words, 0)

    monkeypatch.setattr("portal.local.manage.subprocess.run", run)
    return environments


def test_where_nothing_runs_it_says_what_to_do(started: list[dict[str, str]], capsys: pytest.CaptureFixture[str]) -> None:
    assert manage.main(["verify_record"]) == 1
    assert "set DATABASE_URL" in capsys.readouterr().err
    assert started == []


def test_the_roles_are_printed_before_there_is_a_database(started: list[dict[str, str]], tmp_path: Path) -> None:
    assert manage.main(["database_roles"]) == 0
    assert started[0]["DATABASE_URL"] == "postgresql:///candour"
    assert not (tmp_path / "postgres").exists()


def test_servers_of_ones_own_need_nothing_that_runs_from_here(started: list[dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://candour_app@db/candour")
    assert manage.main(["verify_record"]) == 0
    assert started[0]["DATABASE_URL"] == "postgresql://candour_app@db/candour"


def test_a_portal_that_runs_from_here_lends_its_own_database(
    started: list[dict[str, str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("portal.local.places.server_ids", lambda: None)
    State(tmp_path).hold()
    assert manage.main(["verify_record"]) == 0
    assert "candour_owner@" in started[0]["DATABASE_OWNER_URL"]
