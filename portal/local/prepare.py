"""What must be in place before the portal serves: tables, static files, people. Each is looked at quickly and done only when needed."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping

import psycopg

from portal.local.state import BASE, State, fingerprint

FULL_FORCE = 40_000
Say = Callable[[str], None]


class CannotPrepare(Exception):
    """A step failed; the text says which, and its last words."""


def manage(env: Mapping[str, str], *words: str, show: bool = False) -> str:
    """Run a management command; its output, which is also shown as it comes where `show`. Raises CannotPrepare."""
    command = [sys.executable, "manage.py", *words]
    output = None if show else subprocess.PIPE
    done = subprocess.run(command, cwd=BASE, env=dict(env), stdout=output, stderr=output, text=True, check=False, stdin=subprocess.DEVNULL)
    if done.returncode != 0:
        tail = "\n".join(((done.stdout or "") + (done.stderr or "")).strip().splitlines()[-15:])
        raise CannotPrepare(f"`manage.py {' '.join(words)}` failed.\n{tail}".rstrip())
    return done.stdout or ""


def migrate(state: State, env: Mapping[str, str], say: Say) -> None:
    """Bring the tables up to date as the owner, unless this database is known to be."""
    tops = [BASE / top for top in ("portal", "devices", "guidance", "reporting")]
    files = [path for top in tops for path in top.rglob("*.py") if "migrations" in path.parts or path.name == "grants.py"]
    inputs = fingerprint([BASE / "requirements.txt", *files], contents=True)
    owner_url = env["DATABASE_OWNER_URL"]
    if state.stamp("migrated") == f"{inputs} {_database_mark(owner_url)}":
        return
    say("Setting up the tables")
    manage({**env, "DATABASE_URL": owner_url}, "migrate", "--verbosity=0", "--skip-checks")
    state.set_stamp("migrated", f"{inputs} {_database_mark(owner_url)}")


def _database_mark(url: str) -> str:
    """Which database it is and how many migrations it has seen: another database, or one put back in time, looks different."""
    with psycopg.connect(url, connect_timeout=10) as connection:
        system = "SELECT system_identifier || ' ' || current_database() FROM pg_control_system()"
        mark = _value(connection, system) if _value(connection, "SELECT to_regclass('public.django_migrations') IS NOT NULL") else "none"
        count = "" if mark == "none" else _value(connection, "SELECT count(*) FROM django_migrations")
    return f"{mark} {count}"


def _value(connection: psycopg.Connection[tuple[object, ...]], query: str) -> object:
    row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def collect_static(state: State, env: Mapping[str, str], say: Say) -> None:
    inputs = fingerprint([BASE / "static", *(BASE / "portal").glob("*/static"), BASE / "requirements.txt"], contents=False)
    if state.stamp("static") == inputs and (state.home / "staticfiles").is_dir():
        return
    say("Collecting static files")
    manage(env, "collectstatic", "--noinput", "--clear", "--verbosity=0", "--skip-checks")
    state.set_stamp("static", inputs)


def populate(state: State, env: Mapping[str, str], say: Say, *, full: bool) -> None:
    """Load the demo force into a portal without people; the full one where fewer than a full force are there."""
    with psycopg.connect(env["DATABASE_OWNER_URL"], connect_timeout=10) as connection:
        people = int(str(_value(connection, "SELECT count(*) FROM people_person")))
    if people == 0 or (full and people < FULL_FORCE):
        state.set_stamp("accounts", "")
    if full and people < FULL_FORCE:
        say("Loading the full force: 44,000 people and 29,000 handsets. This takes a minute")
        manage(env, "make_demo", "--full", show=True)
    elif people == 0:
        say("Loading the demo force")
        manage(env, "make_demo")


def accounts(state: State, env: Mapping[str, str]) -> str:
    """The demo accounts as a table, or nothing where there are none to show. Kept: asking costs a second of every start."""
    if not (table := state.stamp("accounts")):
        try:
            table = manage(env, "make_demo", "--accounts").strip("\n")
        except CannotPrepare:
            return ""
        state.set_stamp("accounts", table)
    return table
