"""A web server as in production, and the processor time it has used."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from portal.local import children
from portal.local.redis_server import free_port
from tests.bench.ground import BASE, Environment

WORKERS, THREADS = 2, 4  # as portal/local/run.py starts them


@dataclass(frozen=True)
class Web:
    """A granian server. `port` is on the loopback."""

    port: int
    pid: int


@contextmanager
def serving(application: str, env: Environment, log: Path) -> Iterator[Web]:
    """Serve a WSGI application with two workers, and no access log."""
    port = free_port()
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port), "--no-ws"]
    command += ["--workers", str(WORKERS), "--blocking-threads", str(THREADS), "--log-level", "warning", application]
    child = children.spawn(command, log=log, env=env, cwd=BASE, last_signal=signal.SIGTERM)
    try:
        _wait(child, port, log)
        yield Web(port, child.pid)
    finally:
        children.stop(child)


def _wait(child: subprocess.Popen[bytes], port: int, log: Path) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and child.poll() is None:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/", timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"The server did not start:\n{log.read_text()[-2000:]}")


def cpu_seconds(*pids: int) -> float:
    """Processor time used by these processes and everything under them, ended children included."""
    return sum(_own(process) for pid in pids for process in _family(pid))


def _family(pid: int) -> list[psutil.Process]:
    with suppress(psutil.NoSuchProcess):
        parent = psutil.Process(pid)
        return [parent, *parent.children(recursive=True)]
    return []


def _own(process: psutil.Process) -> float:
    with suppress(psutil.NoSuchProcess):
        times = process.cpu_times()
        return float(times.user + times.system + times.children_user + times.children_system)
    return 0.0


def postmaster(owner_url: str) -> int:
    """Process number of the PostgreSQL server behind a local address; our own number's parent of none where it is far away."""
    import psycopg

    with psycopg.connect(owner_url) as connection:
        backend = connection.info.backend_pid
        return psutil.Process(backend).ppid() if psutil.pid_exists(backend) else os.getpid()
