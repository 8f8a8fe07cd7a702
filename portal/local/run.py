"""`make run`: set up what is missing, start every process of the portal, keep them running, stop them all on Ctrl-C.

    python -m portal.local.run          start
    python -m portal.local.run --stop   stop the one that runs from this STATE_DIR

Environment: PORT, STATE_DIR, FORCE=full, DATABASE_URL (with DATABASE_OWNER_URL and DATABASE_SEQUENCER_URL), REDIS_URL.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request
from types import FrameType

import psycopg

from portal.local import places, prepare, roles
from portal.local.postgres import CannotStart, Postgres
from portal.local.redis_server import Redis
from portal.local.state import BASE, AlreadyRunning, State
from portal.local.supervising import Process, Supervisor, program

HOST = "127.0.0.1"
READY_SECONDS = 60.0
EXPECTED = (AlreadyRunning, CannotStart, places.CannotPlace, prepare.CannotPrepare, psycopg.OperationalError)


def settings_of(state: State, port: int) -> dict[str, str]:
    """What the portal's processes are given. A variable that is set already wins."""
    made = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "CANDOUR_MODE": "local",
        "DEMO": "true",
        "STATE_DIR": str(state.home),
        "BASE_URL": f"http://{HOST}:{port}",
        "ALLOWED_HOSTS": f"{HOST},localhost,[::1]",
        "RECORD_ORIGIN": "localhost/record",  # the log keeps its name whatever the port
        "PYTHONUNBUFFERED": "1",
        **state.secrets(),
    }
    return {**made, **os.environ, "STATE_DIR": str(state.home)}


class Stopped(Exception):
    """Somebody asked for everything to stop."""


def say(sentence: str) -> None:
    print(f"  {sentence}", flush=True)


class Portal:
    """One run of the portal on this machine."""

    def __init__(self, state: State, port: int) -> None:
        self.state = state
        self.port = port
        self.logs = state.home / "logs"
        self.logs.mkdir(exist_ok=True)
        self.supervisor = Supervisor(say)
        self.postgres: Postgres | None = None
        self.env = settings_of(state, port)

    def start(self) -> None:
        began = time.monotonic()
        self._start_servers()
        prepare.migrate(self.state, self.env, say)
        prepare.collect_static(self.state, self.env, say)
        prepare.populate(self.state, self.env, say, full=os.environ.get("FORCE", "") == "full")
        say("Starting the web server, the worker, the scheduler and the clock")
        for name, command in self._programs().items():
            self.supervisor.start(program(name, command, log=self.logs / f"{name.replace(' ', '-')}.log", env=self.env))
        table = prepare.accounts(self.state, self.env)
        self._await_answer()
        print(_welcome(f"http://{HOST}:{self.port}", table, self.logs, time.monotonic() - began), flush=True)

    def stop(self) -> None:
        self.supervisor.stop()
        if self.postgres is not None:
            self.postgres.clear()

    def _start_servers(self) -> None:
        if "DATABASE_URL" not in os.environ:
            self._start_postgres()
        self.env.setdefault("DATABASE_OWNER_URL", self.env["DATABASE_URL"])
        self.env.setdefault("DATABASE_SEQUENCER_URL", self.env["DATABASE_URL"])
        if "REDIS_URL" not in os.environ:
            self._start_redis()

    def _start_postgres(self) -> None:
        self.postgres = postgres = Postgres(home=places.database_home(self.state.home), log=self.logs / "postgres.log")
        say("Starting PostgreSQL" if postgres.data.exists() else "Making a PostgreSQL database, for this portal alone")
        process = Process(name="database", log=postgres.log, launch=postgres.launch, ends_with=signal.SIGINT, server=True)
        self.supervisor.adopt(process)
        postgres.start(adopt=process.take)
        self.env |= {
            "DATABASE_URL": postgres.url(),
            "DATABASE_OWNER_URL": postgres.url(roles.OWNER),
            "DATABASE_SEQUENCER_URL": postgres.url(roles.SEQUENCER),
            "DATABASE_AUDITOR_URL": postgres.url(roles.AUDITOR),
        }

    def _start_redis(self) -> None:
        say("Starting Redis")
        redis = Redis(home=self.state.home / "redis", log=self.logs / "redis.log", password=self.env["REDIS_PASSWORD"])
        process = Process(name="Redis server", log=redis.log, launch=redis.launch, server=True)
        self.supervisor.adopt(process)
        redis.start(adopt=process.take)
        self.env["REDIS_URL"] = redis.url()

    def _programs(self) -> dict[str, list[str]]:
        python = sys.executable
        celery = [python, "-m", "celery", "--app", "portal", "--quiet"]
        schedule = ["--schedule", str(self.state.home / "beat-schedule")]
        granian = [python, "-m", "granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port), "--workers", "2"]
        return {
            "web server": [*granian, "--blocking-threads", "4", "--respawn-failed-workers", "--no-ws", "portal.wsgi:application"],
            "clock": [python, "manage.py", "clock"],
            "worker": [*celery, "worker", "--concurrency", "2", "--loglevel", "INFO", "--without-gossip", "--without-mingle"],
            "scheduler": [*celery, "beat", "--loglevel", "INFO", *schedule],
        }

    def _await_answer(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while time.monotonic() < deadline:
            self.supervisor.look()
            if _answers(f"http://{HOST}:{self.port}/health/live"):
                return
            time.sleep(0.1)
        say(f"The web server does not answer yet: see {self.logs}/web-server.log")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310 - our own address
            return bool(response.status == 200)
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _welcome(url: str, table: str, logs: object, seconds: float) -> str:
    lines = ["", f"  Candour is at {url} (ready in {seconds:.1f} s)", ""]
    if table:
        lines += [f"  {line}" for line in table.splitlines()] + [""]
    lines += [f"  Sign in: {url}/accounts/login/", f"  Admin:   {url}/admin/", f"  Health:  {url}/health/ready", f"  Logs:    {logs}", ""]
    return "\n".join([*lines, "  Ctrl-C stops everything. Your data stays for the next run.", ""])


def _port() -> int:
    given = os.environ.get("PORT") or "8000"
    if not given.isdecimal() or not 0 < int(given) < 65_536:
        raise CannotStart(f"PORT must be a number from 1 to 65535, not {given!r}.")
    port = int(given)
    deadline = time.monotonic() + 3  # a run that was just killed needs a moment to let go
    while not _free(port):
        if time.monotonic() > deadline:
            raise CannotStart(f"Something else is listening on port {port}. Stop it, or choose another: make run PORT={port + 1}")
        time.sleep(0.2)
    return port


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
        return True


def _stop_running(state: State) -> int:
    """Ask the run that holds `state` to stop, and wait for it."""
    try:
        state.hold()
    except AlreadyRunning:
        os.kill(int((state.home / "run.pid").read_text()), signal.SIGTERM)
        for _ in range(300):
            time.sleep(0.1)
            try:
                state.hold()
            except AlreadyRunning:
                continue
            say("Stopped.")
            return 0
        say("It has not stopped yet.")
        return 1
    say("Nothing is running.")
    return 0


def _raise_stopped(number: int, frame: FrameType | None) -> None:
    # Once is enough: an impatient second Ctrl-C must not interrupt the stopping and leave processes behind.
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def main() -> int:
    os.chdir(BASE)
    state = State(places.state_home(BASE))
    os.umask(0o077)  # what is in it is for this user's eyes alone
    if "--stop" in sys.argv[1:]:
        return _stop_running(state)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _raise_stopped)
    portal: Portal | None = None
    try:
        state.hold()
        portal = Portal(state, _port())
        portal.start()
        portal.supervisor.run()
    except Stopped:
        say("Stopping")
    except EXPECTED as error:
        print(f"\n  {error}", file=sys.stderr)
        return 1
    finally:
        if portal is not None:
            portal.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
