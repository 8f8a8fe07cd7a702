"""`make run` as a newcomer meets it: everything starts, Ctrl-C leaves nothing behind, and the next start finds its data."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest

from portal.local import places

BASE = Path(__file__).resolve().parents[1]
OURS = ("CANDOUR_", "DATABASE_", "REDIS_", "DJANGO_", "STATE_DIR", "SECRET_KEY", "VAULT_KEY", "BASE_URL", "ALLOWED_HOSTS", "DEMO", "LOG_")
START_SECONDS = 150.0


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A shell without the variables that the tests' own servers are named by."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OURS)}
    return {**kept, "STATE_DIR": str(tmp_path / "state"), "PORT": str(port)}


@contextmanager
def running(environment: dict[str, str], log: Path) -> Iterator[psutil.Process]:
    """A portal that says it is ready, and is; stopped as Ctrl-C stops it. What it says is in `log`."""
    with log.open("w") as said:
        portal = psutil.Popen([sys.executable, "-m", "portal.local.run"], cwd=BASE, env=environment, stdout=said, stderr=said)
        try:
            wait_until(lambda: portal.poll() is not None or ("Ctrl-C stops" in log.read_text() and answers(environment)))
            yield portal
        finally:
            portal.send_signal(signal.SIGINT)
            code = portal.wait(60)
    assert code == 0, log.read_text()


def wait_until(true: Callable[[], Any]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.1)


def answers(environment: dict[str, str], path: str = "/health/ready") -> str:
    """What is at this address, or nothing while the portal is not ready."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{environment['PORT']}{path}", timeout=5) as answer:
            return str(answer.read().decode()).replace("<wbr>", "")  # where an address may break
    except OSError:
        return ""


@pytest.mark.timeout(400)
def test_one_command_starts_everything_and_leaves_nothing_running(environment: dict[str, str], tmp_path: Path) -> None:
    first, second = tmp_path / "first.log", tmp_path / "second.log"
    with running(environment, first) as portal:
        assert json.loads(answers(environment))["ready"] is True
        assert "constable@force.example" in answers(environment, "/accounts/login/")
        family = portal.children(recursive=True)
        commands = " ".join(" ".join(process.cmdline()) for process in family)
        assert all(part in commands for part in ("granian", "worker", "beat", "manage.py clock"))
    assert "inspector@force.example" in first.read_text()
    assert psutil.wait_procs(family, timeout=5)[1] == []
    assert not places.socket_home(places.database_home(tmp_path / "state")).exists()

    with running(environment, second):
        assert "constable@force.example" in answers(environment, "/accounts/login/")
    assert "Loading the demo force" in first.read_text()
    assert "Loading" not in second.read_text()
