"""`python -m portal.local.manage COMMAND …`: a management command on the portal that runs from this STATE_DIR, or on servers of your own.

It is given the settings that `make run` gives its processes, so that a demo can be exported, verified and reconciled as a real one is.
"""

from __future__ import annotations

import os
import subprocess
import sys

from portal.local import places, roles
from portal.local.postgres import Postgres
from portal.local.run import settings_of
from portal.local.state import BASE, AlreadyRunning, State

WITHOUT_A_DATABASE = "database_roles"  # what comes before there is one


def main(words: list[str]) -> int:
    state = State(places.state_home(BASE))
    env = settings_of(state, int(os.environ.get("PORT") or "8000"))
    if "DATABASE_URL" in os.environ:
        pass
    elif _is_running(state):
        env |= _addresses(state)
    elif words[:1] == [WITHOUT_A_DATABASE]:
        env["DATABASE_URL"] = "postgresql:///candour"
    else:
        print(
            "Nothing is running from this STATE_DIR. Start it first: make run. For servers of your own, set DATABASE_URL.", file=sys.stderr
        )
        return 1
    env.setdefault("REDIS_URL", "redis://127.0.0.1:1/0")  # commands on the record need none
    return subprocess.run([sys.executable, "manage.py", *words], cwd=BASE, env=env, check=False).returncode


def _is_running(state: State) -> bool:
    try:
        state.hold()
    except AlreadyRunning:
        return True
    return False


def _addresses(state: State) -> dict[str, str]:
    """Of the embedded database, as each role."""
    postgres = Postgres(home=places.database_home(state.home), log=state.home / "logs" / "postgres.log")
    return {
        "DATABASE_URL": postgres.url(),
        "DATABASE_OWNER_URL": postgres.url(roles.OWNER),
        "DATABASE_SEQUENCER_URL": postgres.url(roles.SEQUENCER),
        "DATABASE_AUDITOR_URL": postgres.url(roles.AUDITOR),
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
