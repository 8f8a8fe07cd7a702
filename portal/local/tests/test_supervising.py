"""Processes are kept running, and none is left behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from portal.local import children, supervising
from portal.local.state import BASE

ENV = {"PATH": os.environ["PATH"]}


def sleeper(log: Path, code: str = "import time; time.sleep(60)") -> supervising.Process:
    return supervising.program("sleeper", [sys.executable, "-c", code], log=log, env=ENV)


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().split(")")[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(what: Callable[[], object], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.05)
    return False


def test_a_process_that_ends_is_started_again_later_and_later(tmp_path: Path) -> None:
    process = sleeper(tmp_path / "log", "print('last words', flush=True); raise SystemExit(3)")
    said, pauses, at = [], [], 0.0
    for _ in range(3):
        process.look(at)
        assert process.child is not None
        process.child.wait()
        said.append(process.look(at))
        pauses.append(process.pause)
        at += process.pause
    assert pauses == [1.0, 2.0, 4.0]
    assert said[0] is not None
    assert "ended with code 3" in said[0]
    assert "last words" in said[0]


def test_a_process_that_ran_steadily_is_started_again_soon(tmp_path: Path) -> None:
    process = sleeper(tmp_path / "log", "")
    process.pause = supervising.LONGEST_PAUSE
    process.start(0)
    assert process.child is not None
    process.child.wait()
    process.look(supervising.STEADY_SECONDS + 1)
    assert process.pause == supervising.FIRST_PAUSE


def test_stopping_ends_programs_before_servers_and_leaves_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    supervisor = supervising.Supervisor(print)
    order: list[str] = []
    for name, server in (("database", True), ("worker", False)):
        process = sleeper(tmp_path / name)
        process.name, process.server = name, server
        supervisor.start(process)
    pids = [process.child.pid for process in supervisor.processes if process.child]
    asked = supervising.Process.ask_to_end

    def note(process: supervising.Process) -> None:
        order.append(process.name)
        asked(process)

    monkeypatch.setattr(supervising.Process, "ask_to_end", note)
    supervisor.stop()
    assert order == ["worker", "database"]
    assert not any(alive(pid) for pid in pids)


def test_a_process_that_will_not_stop_is_ended_with_its_children(tmp_path: Path) -> None:
    code = (
        "import signal, subprocess, sys, time; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']); print(child.pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    child = children.spawn([sys.executable, "-c", code], log=log, env=ENV, cwd=BASE)
    assert eventually(lambda: log.read_text().strip())
    grandchild = int(log.read_text())
    children.stop(child, seconds=0.2)
    assert eventually(lambda: not alive(child.pid) and not alive(grandchild))


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_parent_that_dies_takes_its_children_along(tmp_path: Path, number: signal.Signals) -> None:
    code = (
        "import sys, time; from pathlib import Path; from portal.local import children;"
        f"child = children.spawn([sys.executable, '-c', 'import time; time.sleep(60)'], log=Path({str(tmp_path / 'log')!r}), env={ENV!r},"
        " cwd=Path('.')); print(child.pid, flush=True); time.sleep(60)"
    )
    with subprocess.Popen([sys.executable, "-c", code], cwd=BASE, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert alive(pid)
        parent.send_signal(number)
        parent.wait()
    assert eventually(lambda: not alive(pid))


def test_a_long_log_is_put_aside(tmp_path: Path) -> None:
    log = tmp_path / "web.log"
    log.write_bytes(b"x" * (children.LONGEST_LOG + 1))
    children.fresh_log(log)
    assert not log.exists()
    assert (tmp_path / "web.1.log").exists()
