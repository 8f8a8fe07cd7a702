"""The test servers' keeper: one PostgreSQL and one Redis for every test run of this checkout, gone when the last run ends.

A test run holds a shared lock on `in-use.lock` for as long as it lives, however it ends. The keeper tries for the same lock
exclusively, twice a second: getting it means nobody is left. A run that starts meanwhile waits until the old servers are down and
then starts new ones, so no run is ever handed a server that is about to go.
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import psycopg

from portal.local import places
from portal.local.postgres import CannotStart, Postgres
from portal.local.redis_server import Redis
from portal.local.roles import OWNER, SEQUENCER

ADDRESSES = "servers.json"
_held: list[IO[str]] = []


def lease(home: Path, *, seconds: float = 90) -> dict[str, str]:
    """Addresses of running test servers, kept running until this process ends. Raises CannotStart."""
    home.mkdir(parents=True, exist_ok=True)
    _held.append(_lock(home / "in-use.lock", fcntl.LOCK_SH))
    with _lock(home / "start.lock", fcntl.LOCK_EX):
        found = home / ADDRESSES
        if not _answers(found):
            found.unlink(missing_ok=True)
            _start_keeper(home, seconds)
        addresses: dict[str, str] = json.loads(found.read_text())
    return addresses


def _answers(found: Path) -> bool:
    """Whether the servers that were announced are there: a killed keeper takes them along and leaves its announcement."""
    try:
        psycopg.connect(json.loads(found.read_text())["DATABASE_URL"], connect_timeout=5).close()
    except (FileNotFoundError, psycopg.OperationalError):
        return False
    return True


def _start_keeper(home: Path, seconds: float) -> None:
    with (home / "keeper.log").open("ab") as log:
        keeper = subprocess.Popen(
            [sys.executable, "-m", "portal.local.keeper", str(home)],
            cwd=Path(__file__).resolve().parents[2],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    deadline = time.monotonic() + seconds
    while not (home / ADDRESSES).exists():
        if keeper.poll() is not None or time.monotonic() > deadline:
            raise CannotStart(f"The test servers did not start: see {home}/keeper.log and the other logs beside it.")
        time.sleep(0.05)
    keeper.returncode = 0  # it is meant to outlive us: nothing to wait for, nothing to warn about


def keep(home: Path) -> None:
    """Start the servers, say where they are, and stop them once no test run is left."""
    postgres = Postgres(home=places.database_home(home), log=home / "postgres.log", durable=False)
    redis = Redis(home=home / "redis", log=home / "redis.log", password=secrets.token_hex(16))
    try:
        postgres.start()
        redis.start()
        _announce(home, postgres, redis)
        with _when_unused(home / "in-use.lock"):
            (home / ADDRESSES).unlink(missing_ok=True)
            redis.stop()
            postgres.stop()
    finally:
        redis.stop()
        postgres.stop()


def _announce(home: Path, postgres: Postgres, redis: Redis) -> None:
    addresses = {
        "DATABASE_URL": postgres.url(),
        "DATABASE_OWNER_URL": postgres.url(OWNER),
        "DATABASE_SEQUENCER_URL": postgres.url(SEQUENCER),
        "REDIS_URL": redis.url(),
    }
    draft = home / f"{ADDRESSES}.new"
    draft.touch(mode=0o600)
    draft.write_text(json.dumps(addresses))
    draft.rename(home / ADDRESSES)


def _when_unused(path: Path) -> IO[str]:
    handle = path.open("w")
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            time.sleep(0.5)


def _lock(path: Path, kind: int) -> IO[str]:
    handle = path.open("w")
    fcntl.flock(handle, kind)
    return handle


if __name__ == "__main__":
    state = Path(sys.argv[1])
    os.umask(0o077)
    (state / ADDRESSES).unlink(missing_ok=True)
    keep(state)
