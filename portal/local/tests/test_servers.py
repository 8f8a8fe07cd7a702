"""The embedded servers: real, private, and back after being killed."""

from __future__ import annotations

import os
import shutil
import signal
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import psycopg
import pytest
import redis as redis_client
from django.core.management import call_command

from portal.local import places, roles
from portal.local.postgres import SUPERUSER, CannotStart, Postgres
from portal.local.redis_server import Redis


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Postgres]:
    server = Postgres(home=places.database_home(tmp_path), log=tmp_path / "postgres.log", durable=False)
    server.start()
    yield server
    server.stop()
    shutil.rmtree(server.home)


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_postgres_has_its_roles_and_listens_on_no_network(postgres: Postgres) -> None:
    assert value(postgres.url(roles.AUDITOR), "SELECT current_user") == roles.AUDITOR
    assert value(postgres.url(roles.OWNER), "SHOW listen_addresses") == ""
    assert value(postgres.url(roles.OWNER), "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = 'candour'") == roles.OWNER
    assert value(postgres.url(), "SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False
    assert postgres.socket.stat().st_mode & 0o077 == 0


def test_postgres_starts_again_after_being_killed(postgres: Postgres) -> None:
    with psycopg.connect(postgres.url(roles.OWNER), autocommit=True) as owner:
        owner.execute("SET synchronous_commit = on")
        owner.execute("CREATE TABLE kept (n int)")
        owner.execute("INSERT INTO kept VALUES (7)")
    assert postgres.child is not None
    os.kill(postgres.child.pid, signal.SIGKILL)
    postgres.child.wait()
    postgres.start()
    assert value(postgres.url(roles.OWNER), "SELECT n FROM kept") == 7


def test_a_server_that_was_stopped_leaves_no_folder_for_sockets(postgres: Postgres) -> None:
    assert postgres.socket.is_dir()
    postgres.stop()
    assert not postgres.socket.exists()
    postgres.start()


def test_the_roles_can_be_made_again_by_command(postgres: Postgres) -> None:
    out = StringIO()
    call_command("database_roles", execute=postgres.url(SUPERUSER), stdout=out)
    assert "The roles are there" in out.getvalue()


def test_a_lock_file_of_a_process_number_used_again_is_forgotten(postgres: Postgres) -> None:
    postgres.stop()
    places.own(places.socket_home(postgres.home), places.server_ids())
    (postgres.data / "postmaster.pid").write_text(f"{os.getpid()}\n{postgres.data}\n")
    postgres.start()
    assert value(postgres.url(), "SELECT 1") == 1


def test_a_data_directory_that_cannot_be_made_is_said_with_its_log(tmp_path: Path) -> None:
    server = Postgres(home=places.database_home(tmp_path), log=tmp_path / "postgres.log", durable=False)
    server.data.mkdir()
    (server.data / "something").write_text("else")
    with pytest.raises(CannotStart, match=r"see .*postgres\.log"):
        server.start()
    shutil.rmtree(server.home)


def test_redis_asks_for_its_password_and_keeps_it_out_of_its_arguments(tmp_path: Path) -> None:
    server = Redis(home=tmp_path, log=tmp_path / "redis.log", password="p" * 32)
    server.start()
    try:
        assert server.child is not None
        assert b"ppp" not in Path(f"/proc/{server.child.pid}/cmdline").read_bytes()
        stranger = redis_client.Redis.from_url(f"redis://127.0.0.1:{server.port}/0", retry=None)
        with pytest.raises(redis_client.AuthenticationError):
            stranger.ping()
        stranger.close()
    finally:
        server.stop()
    assert not server.answers()
