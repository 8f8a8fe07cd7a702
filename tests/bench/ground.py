"""The servers that are measured: a durable PostgreSQL and a Redis of their own, made for one run and removed after it."""

from __future__ import annotations

import base64
import os
import secrets
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from portal.local import places, roles
from portal.local.postgres import Postgres
from portal.local.redis_server import Redis

BASE = Path(__file__).resolve().parents[2]
Environment = Mapping[str, str]


@contextmanager
def servers() -> Iterator[dict[str, str]]:
    """Start the servers, migrate, collect the static files; yield the environment that a process of the portal needs."""
    home = Path(tempfile.mkdtemp(prefix="candour-bench-"))
    home.chmod(0o755)  # PostgreSQL runs as somebody else where we are root
    postgres = Postgres(home=places.database_home(home), log=home / "postgres.log")
    redis = Redis(home=home / "redis", log=home / "redis.log", password=secrets.token_hex(16))
    try:
        postgres.start()
        redis.start()
        env = environment(home, postgres, redis)
        manage({**env, "DATABASE_URL": env["DATABASE_OWNER_URL"]}, "migrate", "--verbosity=0", "--skip-checks")
        manage(env, "collectstatic", "--noinput", "--verbosity=0", "--skip-checks")
        yield env
    finally:
        redis.stop()
        postgres.stop()
        shutil.rmtree(postgres.home, ignore_errors=True)
        shutil.rmtree(postgres.socket, ignore_errors=True)
        shutil.rmtree(home, ignore_errors=True)


def environment(home: Path, postgres: Postgres, redis: Redis) -> dict[str, str]:
    """The settings of a production portal on these servers."""
    return {
        **{name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ},
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "CANDOUR_MODE": "production",
        "STATE_DIR": str(home),
        "SECRET_KEY": secrets.token_urlsafe(48),
        "VAULT_KEY": base64.b64encode(secrets.token_bytes(32)).decode(),
        "BASE_URL": "http://127.0.0.1",
        "ALLOWED_HOSTS": "127.0.0.1,testserver",
        "EMAIL_HOST": "localhost",
        "LOG_LEVEL": "WARNING",
        "DATABASE_URL": postgres.url(),
        "DATABASE_OWNER_URL": postgres.url(roles.OWNER),
        "DATABASE_SEQUENCER_URL": postgres.url(roles.SEQUENCER),
        "REDIS_URL": redis.url(),
    }


def manage(env: Environment, *words: str) -> None:
    """Run a management command; its words are shown if it fails."""
    done = subprocess.run([sys.executable, "manage.py", *words], cwd=BASE, env=dict(env), capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"manage.py {' '.join(words)} failed:\n{done.stdout}\n{done.stderr}")
