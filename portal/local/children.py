"""Starting and stopping the processes the portal is made of, so that none outlives whoever started it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
LONGEST_LOG = 5_000_000


def die_with_parent(number: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before it becomes its program, so that a killed parent takes it along. Linux only; elsewhere nothing.

    The library is loaded here, in the parent: after a fork only calls that need no lock are safe.
    """
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    parent = os.getpid()

    def before_exec() -> None:
        prctl(PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)

    return before_exec


def spawn(
    command: Sequence[str],
    *,
    log: Path,
    env: Mapping[str, str],
    cwd: Path,
    as_ids: tuple[int, int] | None = None,
    last_signal: signal.Signals = signal.SIGTERM,
    stdin: bytes | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a process group of its own, its output appended to `log`.

    `as_ids` is the user and group to run as; `last_signal` what it is sent if this process dies; `stdin` what it reads first.
    """
    as_user: dict[str, object] = {} if as_ids is None else {"user": as_ids[0], "group": as_ids[1], "extra_groups": []}
    with log.open("ab") as output:
        child = subprocess.Popen(  # type: ignore[call-overload]
            list(command),
            stdin=subprocess.PIPE if stdin is not None else subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=dict(env),
            cwd=cwd,
            process_group=0,
            preexec_fn=die_with_parent(last_signal),  # noqa: PLW1509 - one prctl call, prepared in the parent
            **as_user,
        )
    started: subprocess.Popen[bytes] = child
    if stdin is not None and started.stdin is not None:
        started.stdin.write(stdin)
        started.stdin.close()
    return started


def stop(child: subprocess.Popen[bytes], *, number: signal.Signals = signal.SIGTERM, seconds: float = 10) -> None:
    """Ask `child` to stop, then end whatever is left of its process group."""
    if child.poll() is None:
        child.send_signal(number)
    wait(child, seconds=seconds)


def wait(child: subprocess.Popen[bytes], *, seconds: float = 10) -> None:
    """Wait for `child` to end; after `seconds`, end it and whatever is left of its process group."""
    try:
        child.wait(seconds)
    except subprocess.TimeoutExpired:
        pass
    end_group(child.pid)
    child.wait()


def end_group(group: int) -> None:
    """End every process left in a group that `spawn` made."""
    try:
        os.killpg(group, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def fresh_log(path: Path) -> Path:
    """`path`, with one older file beside it once it has grown long."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists() and path.stat().st_size > LONGEST_LOG:
        path.replace(path.with_suffix(".1.log"))
    return path
