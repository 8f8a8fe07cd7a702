"""Scratch databases: copies of one migrated template, made in milliseconds and thrown away. For the tests.

The template is migrated by the owner once for each set of migrations and copied for each test process. A test that commits gets a
fresh copy afterwards, so what migrations wrote (groups, posts, policies), sequences and triggers are all as they were, and nothing
need be allowed to empty the append-only tables.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import psycopg
from psycopg import Connection, sql

BASE = Path(__file__).resolve().parents[2]
TEMPLATE_LOCK = 0x5445_4D50


def with_database(url: str, name: str) -> str:
    """`url` pointed at database `name`."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


@contextmanager
def _owner(url: str) -> Iterator[Connection[Any]]:
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


def make_template(owner_url: str) -> str:
    """The name of a database migrated as the files now stand; made if this is the first to ask."""
    name = f"template_{_fingerprint()}"
    with _owner(owner_url) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        if not _exists(connection, name):
            draft = f"{name}_draft"
            _drop(connection, draft)
            _drop_stale(connection)
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
            _migrate(with_database(owner_url, draft))
            connection.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(draft), sql.Identifier(name)))
    return name


def copy(owner_url: str, template: str, name: str) -> None:
    """Make `name` afresh from `template`, ending whoever is still connected to the old one."""
    with _owner(owner_url) as connection:
        _drop(connection, name)
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy")
        connection.execute(statement.format(sql.Identifier(name), sql.Identifier(template)))


def drop(owner_url: str, name: str) -> None:
    with _owner(owner_url) as connection:
        _drop(connection, name)


def _drop(connection: Connection[Any], name: str) -> None:
    connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


def _drop_stale(connection: Connection[Any]) -> None:
    """Drop what ended runs left: test databases are named by process, templates older than the last few are not wanted again."""
    rows = connection.execute(r"SELECT datname FROM pg_database WHERE datname LIKE 'test\_%' OR datname LIKE 'template\_%' ORDER BY oid")
    names = [str(row[0]) for row in rows.fetchall()]
    gone = [name for name in names if name.startswith("test_") and not _alive(int(name.split("_")[1]))]
    old = [name for name in names if name.startswith("template_")][:-4]
    for name in gone + old:
        _drop(connection, name)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _exists(connection: Connection[Any], name: str) -> bool:
    return connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is not None


def _migrate(url: str) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
        cwd=BASE,
        env={**os.environ, "DATABASE_URL": url, "DATABASE_OWNER_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"The migrations fail:\n{done.stdout}\n{done.stderr}")


def _fingerprint() -> str:
    """Changes with anything a migrated database depends on."""
    seen = hashlib.sha256()
    rooms = [path for top in ("portal", "devices", "guidance", "reporting") for path in sorted((BASE / top).rglob("*.py"))]
    wanted = [
        path
        for path in rooms
        if {"migrations", "models"} & set(path.parts) or path.name in {"models.py", "grants.py", "roles.py", "apps.py"}
    ]
    for path in [BASE / "requirements.txt", *wanted]:
        seen.update(str(path.relative_to(BASE)).encode() + path.read_bytes())
    return seen.hexdigest()[:16]
