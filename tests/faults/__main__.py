"""`make faults`, or `python -m tests.faults [--quick] [--kills N] [--crashes N] [--deadlines N] [--races N] [--minutes M] [--seed N]`."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from portal.local import places
from portal.local.postgres import Postgres
from portal.local.redis_server import Redis
from tests.bench.ground import environment, manage

FULL = {"kills": 10_000, "crashes": 100, "deadlines": 50_000, "races": 10_000, "reports": 14_000, "letters": 10_000}
QUICK = {"kills": 100, "crashes": 3, "deadlines": 300, "races": 100, "reports": 200, "letters": 1_000}


def main() -> int:
    options = _options()
    began = time.monotonic()
    with servers(options.keep) as (env, postgres, redis):
        os.environ.update(env, FAULTS_REPORTS=str(options.reports * 5 // 4), LOG_LEVEL="ERROR")
        import django

        django.setup()
        from tests.faults import whole

        good = whole.run(options, postgres, redis)
    print(f"It took {time.monotonic() - began:.0f} s.")
    return 0 if good else 1


def _options() -> argparse.Namespace:
    words = argparse.ArgumentParser(prog="python -m tests.faults", description="Break everything and count the lapses.")
    words.add_argument("--quick", action="store_true", help="some hundreds of everything")
    for name in FULL:
        words.add_argument(f"--{name}", type=int)
    words.add_argument("--minutes", type=float, default=17.0, help="the run with kills ends by itself after so long")
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--keep", type=Path, help="copy the log here")
    options = words.parse_args()
    for name, many in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, many)
    return options


@contextmanager
def servers(keep: Path | None) -> Iterator[tuple[dict[str, str], Postgres, Redis]]:
    """A durable PostgreSQL and a Redis of their own, migrated, removed afterwards."""
    home = Path(tempfile.mkdtemp(prefix="candour-faults-"))
    home.chmod(0o755)  # PostgreSQL runs as somebody else where we are root
    postgres = Postgres(home=places.database_home(home), log=home / "postgres.log")
    redis = Redis(home=home / "redis", log=home / "redis.log", password="faults")
    try:
        postgres.start()
        redis.start()
        env = environment(home, postgres, redis)
        manage({**env, "DATABASE_URL": env["DATABASE_OWNER_URL"]}, "migrate", "--verbosity=0", "--skip-checks")
        yield env, postgres, redis
    finally:
        if keep and (home / "processes.log").exists():
            shutil.copy(home / "processes.log", keep)
        _stop(redis.stop, postgres.stop)
        for left in (postgres.home, postgres.socket, home):
            shutil.rmtree(left, ignore_errors=True)


def _stop(*stops: Callable[[], None]) -> None:
    for stop in stops:
        stop()


if __name__ == "__main__":
    sys.exit(main())
