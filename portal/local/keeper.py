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

import psycopg

from portal.local import places
from portal.local.postgres import CannotStart, Postgres
from portal.local.redis_server import Redis
from portal.local.roles import OWNER, SEQUENCER

ADDRESSES = "servers.json"


def lease(home: Path, *, seconds: float = 90) -> dict[str, str]:
    """Addresses of running test servers, kept running until this process ends. Raises CannotStart."""
    home.mkdir(parents=True, exist_ok=True)
    _lock(home / "in-use.lock", fcntl.LOCK_SH)  # never closed: the end of this process lets go of it
    starting = _lock(home / "start.lock", fcntl.LOCK_EX)
    try:
        found = home / ADDRESSES
        if not _answers(found):
            found.unlink(missing_ok=True)
            _start_keeper(home, seconds)
        addresses: dict[str, str] = json.loads(found.read_text())
        return addresses
    finally:
        os.close(starting)


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
        _wait_until_unused(home / "in-use.lock")
    finally:
        (home / ADDRESSES).unlink(missing_ok=True)
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


def _wait_until_unused(path: Path) -> None:
    """Return holding the lock: a run that comes now waits for this process to end, servers and all."""
    while True:
        try:
            _lock(path, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(0.5)
        else:
            return


def _lock(path: Path, kind: int) -> int:
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, kind)
    except BlockingIOError:
        os.close(handle)
        raise
    return handle


if __name__ == "__main__":
    state = Path(sys.argv[1])
    os.umask(0o077)
    (state / ADDRESSES).unlink(missing_ok=True)
    keep(state)
