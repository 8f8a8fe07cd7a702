"""What every test stands on: real PostgreSQL and Redis, a database of its own, and the application's own database role.

Settings read the environment once, so it is filled in here, before Django is imported. DATABASE_URL, DATABASE_OWNER_URL,
DATABASE_SEQUENCER_URL and REDIS_URL in the environment name servers of your own; otherwise the embedded ones are started and shared.
"""

from __future__ import annotations

import base64
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

BASE = Path(__file__).resolve().parent
SENTENCE = 10  # characters; shorter words of a report may stand in a notice by chance


def _environment() -> dict[str, str]:
    test_home = Path(os.environ.get("TEST_STATE_DIR", BASE / ".local" / "test"))
    fixed = {
        "DJANGO_SETTINGS_MODULE": "portal.settings",
        "CANDOUR_MODE": "test",
        "DEMO": "false",
        "STATE_DIR": str(test_home / "state"),
        "SECRET_KEY": "test-only-" + "k" * 50,
        "VAULT_KEY": base64.b64encode(b"test-only-vault-key-of-32-bytes!").decode(),
        "BASE_URL": "http://testserver",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "DATABASE_POOL": "0",
        "LOG_LEVEL": "WARNING",
    }
    if "CANDOUR_TEST_SERVERS" in os.environ:  # a test worker: the run that started it holds the servers
        return {}
    if "DATABASE_URL" in os.environ and "REDIS_URL" in os.environ:
        return {**fixed, "CANDOUR_TEST_SERVERS": "given", "CANDOUR_TEST_RUN": str(os.getpid())}
    from portal.local.keeper import lease

    return {**lease(test_home), **fixed, "CANDOUR_TEST_SERVERS": "embedded", "CANDOUR_TEST_RUN": str(os.getpid())}


os.environ.update(_environment())
(Path(os.environ["STATE_DIR"]) / "staticfiles").mkdir(parents=True, exist_ok=True)  # whitenoise warns where there is none

import django  # noqa: E402

django.setup()

from django.conf import settings  # noqa: E402
from django.core.cache import caches  # noqa: E402
from django.db import connection, connections  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402

from portal.local import scratch  # noqa: E402


class ScratchDatabase:
    """This process's database. `renew` puts it back as the migrations left it."""

    def __init__(self, worker: str) -> None:
        self.owner_url = os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
        self.name = f"test_{os.environ['CANDOUR_TEST_RUN']}_{worker}"
        self.template = scratch.make_template(self.owner_url)

    def renew(self) -> None:
        connections.close_all()
        scratch.copy(self.owner_url, self.template, self.name)

    def drop(self) -> None:
        connections.close_all()
        scratch.drop(self.owner_url, self.name)

    def aim_settings(self) -> None:
        """Point Django, and the addresses other roles use, at this database."""
        connections["default"].settings_dict["NAME"] = self.name
        for setting in ("DATABASE_OWNER_URL", "DATABASE_SEQUENCER_URL"):
            setattr(settings, setting, scratch.with_database(getattr(settings, setting), self.name))


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: Any) -> Iterator[None]:
    """A database for this process. Tests log in as the application's role, never the owner's: the record's guarantees rest on it."""
    database = ScratchDatabase(getattr(request.config, "workerinput", {}).get("workerid", "main"))
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        database.renew()
        database.aim_settings()
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: database.renew())
        yield
        database.drop()


@pytest.fixture(autouse=True)
def _own_cache() -> None:
    """No test sees what another one cached, in this thread or in a live server's: each has a prefix of its own."""
    prefix = f"test:{os.urandom(8).hex()}"
    caches.settings["default"]["KEY_PREFIX"] = prefix
    caches["default"].key_prefix = prefix


@pytest.fixture(autouse=True)
def _own_record(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keys, signer's state, mirror and tiles belong to one test's database: a directory that only who signs makes."""
    home = Path(os.environ["STATE_DIR"]) / "records" / os.urandom(8).hex()
    monkeypatch.setattr(settings, "RECORD_DIR", home)
    yield
    shutil.rmtree(home, ignore_errors=True)


@pytest.fixture(autouse=True)
def _links_only(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test does: no notice says what was sealed. A notice is a line and a link, and who may reads the rest behind it."""
    from portal.notices import outbox
    from portal.vault import sealing

    sealed: list[str] = []
    said: list[str] = []
    put, commit = getattr(outbox, "rows"), sealing.commitment  # noqa: B009 - it is the module's own use of it that is watched

    def rows(statement: str, columns: Any) -> Any:
        said.extend("\n".join(words) for words in zip(*columns[1:], strict=True))
        return put(statement, columns)

    def commitment(salt: bytes, value: bytes) -> str:
        sealed.append(value.decode("utf-8", "replace"))
        return commit(salt, value)

    monkeypatch.setattr(outbox, "rows", rows)
    monkeypatch.setattr(sealing, "commitment", commitment)
    yield
    words = {text for text in sealed if " " in text.strip() and len(text) >= SENTENCE}
    leaked = [text for text in words for notice in said if text in notice]
    assert not leaked, f"a notice says what was sealed: {leaked[0]!r}"


@pytest.fixture
def keeper(transactional_db: None) -> Iterator[Any]:
    """What the clock keeps the record with: `keeper.round()` places what was committed, and signs."""
    from portal.record.keeping import Keeper

    kept = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
    yield kept
    kept.close()


@pytest.fixture
def owner_connection(django_db_setup: None) -> Iterator[Any]:
    """A psycopg connection of the database's owner, in autocommit: for what the application's role may not do."""
    import psycopg

    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as owner:
        yield owner


@pytest.fixture
def sequencer_connection(django_db_setup: None) -> Iterator[Any]:
    """A psycopg connection of the sequencer's role, in autocommit."""
    import psycopg

    with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True) as sequencer:
        yield sequencer


@pytest.fixture
def together(transactional_db: None) -> Callable[..., list[Any]]:
    """Run callables at the same moment, each in a thread with a connection of its own; what each returned, or raised, in order."""

    def run(*calls: Callable[[], Any], seconds: float = 30) -> list[Any]:
        gate = threading.Barrier(len(calls))

        def one(call: Callable[[], Any]) -> Any:
            try:
                connection.ensure_connection()
                gate.wait(seconds)
                return call()
            except Exception as error:  # the test looks at what was raised
                return error
            finally:
                connections.close_all()

        with ThreadPoolExecutor(len(calls)) as pool:
            return [future.result(seconds) for future in [pool.submit(one, call) for call in calls]]

    return run


@pytest.fixture
def second_connection(transactional_db: None) -> Iterator[Any]:
    """A second connection of the application's role to the same database, with its own transactions."""
    other = connection.copy(alias="second")
    yield other
    other.close()
