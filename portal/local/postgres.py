"""An embedded PostgreSQL server: a real one, from a wheel, on a private socket and no network port."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psycopg

from portal.local import children, places, roles

DATABASE = "candour"
SUPERUSER = "postgres"
SAFE = {"shared_buffers": "256MB", "max_connections": "100", "max_wal_size": "2GB", "checkpoint_timeout": "15min"}
THROWAWAY = {
    "shared_buffers": "128MB",
    "max_connections": "200",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "file_copy_method": "clone",
    "autovacuum": "off",
}


class CannotStart(Exception):
    """A server did not come up; the text says where its own words are."""


@dataclass(kw_only=True)
class Postgres:
    """One server over one directory. `durable=False` trades safety for speed: for tests alone."""

    home: Path
    log: Path
    durable: bool = True

    def __post_init__(self) -> None:
        self.data = self.home / "data"
        self.socket = places.socket_home(self.home)
        self.child: subprocess.Popen[bytes] | None = None

    def url(self, role: str = roles.APP, database: str = DATABASE) -> str:
        return f"postgresql://{role}@{quote(str(self.socket), safe='')}/{database}"

    def start(self, adopt: Callable[[subprocess.Popen[bytes]], None] | None = None) -> None:
        """Bring the server up and make its roles and database; `adopt` is handed the process at once. Raises CannotStart."""
        bin_dir = places.programs()
        children.fresh_log(self.log)
        if not (self.data / "PG_VERSION").exists():
            self._make_data(bin_dir)
        self._end_leftover()
        child = self.launch(bin_dir)
        if adopt is not None:
            adopt(child)
        self._wait()
        with psycopg.connect(self.url(SUPERUSER, "postgres"), autocommit=True) as connection:
            roles.make_roles(connection)
            roles.make_database(connection, DATABASE)
            if not self.durable:
                # The tests' owner makes databases, and drops them from under whoever is still connected.
                connection.execute(f"ALTER ROLE {roles.OWNER} CREATEDB; GRANT pg_signal_backend TO {roles.OWNER}")

    def launch(self, bin_dir: Path | None = None) -> subprocess.Popen[bytes]:
        """Start the server process without waiting for it."""
        places.own(self.socket, places.server_ids())
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.socket),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
            **(SAFE if self.durable else THROWAWAY),
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        command = [str((bin_dir or places.programs()) / "postgres"), "-D", str(self.data), *options]
        # SIGINT is PostgreSQL's "fast" stop: end the sessions, write the checkpoint, go.
        self.child = self._spawn(command, signal.SIGINT)
        return self.child

    def stop(self) -> None:
        if self.child is not None:
            children.stop(self.child, number=signal.SIGINT, seconds=20)
            self.child = None
            self.clear()

    def clear(self) -> None:
        """Leave nothing where sockets go, once the server is down."""
        shutil.rmtree(self.socket, ignore_errors=True)

    def _make_data(self, bin_dir: Path) -> None:
        words = ["-U", SUPERUSER, "--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command = [str(bin_dir / "initdb"), "-D", str(self.data), *words, "--no-instructions"]
        if not self.durable:
            command.append("--no-sync")
        if self._spawn(command, signal.SIGTERM).wait(120) != 0:
            raise CannotStart(f"PostgreSQL could not make its data directory: see {self.log}")

    def _spawn(self, command: list[str], last_signal: signal.Signals) -> subprocess.Popen[bytes]:
        env = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "TZ": "UTC"}
        return children.spawn(command, log=self.log, env=env, cwd=self.home, as_ids=places.server_ids(), last_signal=last_signal)

    def _end_leftover(self) -> None:
        """Stop a server that outlived its supervisor; forget a lock file whose process number now belongs to something else."""
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split("\n")[0])
        except (FileNotFoundError, ValueError):
            return
        if not _is_postgres(pid):
            lock.unlink(missing_ok=True)
            return
        os.kill(pid, signal.SIGINT)
        for _ in range(200):
            if not lock.exists():
                return
            time.sleep(0.05)
        raise CannotStart(f"An earlier PostgreSQL (process {pid}) holds {self.data} and does not stop.")

    def _wait(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self.child is None or self.child.poll() is not None:
                raise CannotStart(f"PostgreSQL stopped while starting: see {self.log}")
            try:
                psycopg.connect(self.url(SUPERUSER, "postgres"), connect_timeout=2).close()
                return
            except psycopg.OperationalError:
                time.sleep(0.05)
        raise CannotStart(f"PostgreSQL did not answer in {seconds:.0f} seconds: see {self.log}")


def _is_postgres(pid: int) -> bool:
    words = subprocess.run(["ps", "-o", "comm=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return "postgres" in words
