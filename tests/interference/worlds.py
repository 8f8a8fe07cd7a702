"""Two worlds that differ by a few reports: two databases copied from one, with the same people, and the same work before and after.

In the one they are there, with everything that happens to a report; in the other they never were. Numbers that PostgreSQL counts rows
with are made equal before the work after: they count what the whole portal holds, as the public record's size does.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

import psycopg
from django.conf import settings
from django.core.cache import caches
from django.db import connections, transaction

from portal.local import scratch
from tests.interference.cast import Cast, hire
from tests.interference.lives import Told, later, whole_life

RESUME_AT = 1_000_000
SEQUENCES = "SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = 'public'"


@dataclass
class Worlds:
    """`cast`: everybody in both. `told`: what the report is called where it is, for whoever would try its addresses."""

    cast: Cast
    told: Told
    present: str
    absent: str
    names: list[str] = field(default_factory=list)


@contextmanager
def built() -> Iterator[Worlds]:
    owner_url = os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
    present, absent = (f"test_{os.getpid()}_{world}" for world in ("present", "absent"))
    scratch.copy(owner_url, scratch.make_template(owner_url), present)
    try:
        with inside(present):
            cast = hire()
        scratch.copy(owner_url, present, absent)
        with inside(present):
            told = whole_life(cast)
        for world in (present, absent):
            with inside(world):
                _even_out()
                later(cast)
        yield Worlds(cast, told, present, absent)
    finally:
        for world in (present, absent):
            scratch.drop(owner_url, world)


@contextmanager
def spare(worlds: Worlds) -> Iterator[Worlds]:
    """A copy of both worlds, for a test that leaves in one of them what is not in the other."""
    owner_url = os.environ.get("DATABASE_OWNER_URL", os.environ["DATABASE_URL"])
    connections.close_all()
    copied = replace(worlds, present=f"{worlds.present}_spare", absent=f"{worlds.absent}_spare")
    try:
        for world, copy in ((worlds.present, copied.present), (worlds.absent, copied.absent)):
            scratch.copy(owner_url, world, copy)
        yield copied
    finally:
        connections.close_all()
        for copy in (copied.present, copied.absent):
            scratch.drop(owner_url, copy)


@contextmanager
def inside(world: str) -> Iterator[None]:
    """Everything that asks the database asks this one, and nothing is known from another: caches begin empty."""
    kept = connections["default"].settings_dict["NAME"], settings.DATABASE_OWNER_URL, caches["default"].key_prefix
    _aim(world, scratch.with_database(settings.DATABASE_OWNER_URL, world), f"test:{uuid.uuid4()}")
    try:
        yield
    finally:
        _aim(*kept)


def _aim(name: str, owner_url: str, prefix: str) -> None:
    connections.close_all()
    connections["default"].settings_dict["NAME"] = name
    settings.DATABASE_OWNER_URL = owner_url
    caches["default"].key_prefix = caches.settings["default"]["KEY_PREFIX"] = prefix


def _even_out() -> None:
    with psycopg.connect(settings.DATABASE_OWNER_URL, autocommit=True) as owner:
        for (name,) in owner.execute(SEQUENCES).fetchall():
            owner.execute(f"SELECT setval('{name}', {RESUME_AT})".encode())  # names of our own sequences


def undone(work: Any) -> Any:
    """What `work()` gives, with nothing of it kept."""
    with transaction.atomic():
        given = work()
        transaction.set_rollback(True)
    return given
