"""What machines ask: is it alive, is it ready, how is it doing. Public, so that a probe needs no account; nothing here names a person."""

from __future__ import annotations

import hmac
import os
from collections.abc import Callable
from ipaddress import ip_address

import redis
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Gauge, generate_latest

from portal.notices import figures as notices
from portal.record import standing
from portal.watch import figures
from reporting.escalation import unstaffed

STALE_SECONDS = 15.0
REDIS_SECONDS = 0.5
STILL_SECONDS = 120.0  # a fact is placed within a second, and a checkpoint signed every 45
CLOCK_AGE = "SELECT extract(epoch FROM clock_timestamp() - at) FROM clock_heartbeat WHERE name = 'clock'"

RECORD_STILL = """
SELECT coalesce(extract(epoch FROM clock_timestamp() - (SELECT min(at) FROM record_fact WHERE leaf_index IS NULL)), 0),
       coalesce(extract(epoch FROM clock_timestamp() - (SELECT signed_at FROM record_checkpoint ORDER BY id DESC LIMIT 1)), 0)
"""

Verdict = tuple[bool, str]
_migrated = False


def database() -> Verdict:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version'), pg_is_in_recovery()")
        version, standby = cursor.fetchone() or ("", False)
    return not standby, f"PostgreSQL {version}" + (", read-only standby" if standby else "")


def broker() -> Verdict:
    seconds = {"socket_connect_timeout": REDIS_SECONDS, "socket_timeout": REDIS_SECONDS}
    client = redis.Redis.from_url(settings.REDIS_URL, retry=None, **seconds)
    try:
        return bool(client.ping()), "answers"
    finally:
        client.close()


def clock() -> Verdict:
    with connection.cursor() as cursor:
        cursor.execute(CLOCK_AGE)
        row = cursor.fetchone()
    if row is None:
        return False, "has never run"
    age = float(row[0])
    return age <= STALE_SECONDS, f"last round {age:.0f} seconds ago"


def migrations() -> Verdict:
    """Unapplied migrations. A process does not change its code, so once all are applied it does not look again."""
    global _migrated
    if not _migrated:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        if waiting:
            return False, f"{len(waiting)} not applied"
        _migrated = True
    return True, "all applied"


def record() -> Verdict:
    """Whether the database is the one that was signed, without which the portal is read-only, and whether somebody goes on signing.

    A clock can go round and sign nothing: somebody else holds its lock, or its key is gone.
    """
    found = standing.trouble()
    if found:
        return False, f"read-only: {found.text}"
    with connection.cursor() as cursor:
        cursor.execute(RECORD_STILL)
        waiting, since = cursor.fetchone() or (0, 0)
    if waiting > STILL_SECONDS:
        return False, f"stands still: a fact has waited {waiting:.0f} seconds for its place in the tree"
    if since > STILL_SECONDS:
        return False, f"stands still: nothing was signed for {since:.0f} seconds"
    return True, "continues what was signed"


def watch() -> Verdict:
    """Whether deadlines, notices or facts have fallen behind. A worker that is away is told of elsewhere: pages do without."""
    found = figures.read()
    behind = [f"{one.figure.code} {one.seconds:.0f} s of {one.limit}" for one in found if not one.is_well and one.figure.code != "worker"]
    return not behind, "; ".join(behind or [f"{one.figure.code} {one.seconds:.0f} s" for one in found])


CHECKS: dict[str, Callable[[], Verdict]] = {
    "database": database, "redis": broker, "clock": clock, "migrations": migrations, "record": record, "watch": watch,
}  # fmt: skip


def _ask(check: Callable[[], Verdict]) -> Verdict:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - whatever is wrong, a probe is told so in JSON; the class says enough and holds no secret
        return False, type(error).__name__


@login_not_required
@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    return HttpResponse("live\n", content_type="text/plain")


@login_not_required
@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    verdicts = {name: _ask(check) for name, check in CHECKS.items()}
    well = all(ok for ok, _ in verdicts.values())
    body = {name: {"ok": ok, "detail": detail} for name, (ok, detail) in verdicts.items()}
    return JsonResponse({"ready": well, **body}, status=200 if well else 503)


@login_not_required
@never_cache
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Figures for Prometheus, for whoever holds METRICS_TOKEN; where none is set, for this machine itself. Others get 404."""
    if not _may_measure(request):
        raise Http404
    return HttpResponse(generate_latest(_figures()), content_type=CONTENT_TYPE_LATEST)


def _may_measure(request: HttpRequest) -> bool:
    token = os.environ.get("METRICS_TOKEN", "")
    if token:
        return hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode())
    # A proxy on this machine also comes from the loopback address; what it passes on is not from this machine.
    return "X-Forwarded-For" not in request.headers and _loopback(request.META.get("REMOTE_ADDR", ""))


def _loopback(address: str) -> bool:
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _figures() -> CollectorRegistry:
    """Read when asked: several web processes then agree without sharing memory."""
    registry = CollectorRegistry()
    up = Gauge("candour_up", "Whether each part the portal needs is in order.", ["part"], registry=registry)
    for name, check in CHECKS.items():
        up.labels(name).set(_ask(check)[0])
    read_only = Gauge("candour_record_read_only", "1 while the database is not the one that was signed.", ["reason"], registry=registry)
    for reason in standing.Reason:
        read_only.labels(reason.value).set(_reason() == reason)
    _count_notices(registry)
    _count_unstaffed(registry)
    _age(registry)
    for name, (help_text, query) in QUERIES.items():
        value = _number(query)
        if value is not None:
            Gauge(name, help_text, registry=registry).set(value)
    return registry


QUERIES = {
    "candour_clock_age_seconds": ("Seconds since the clock last went round.", CLOCK_AGE),
    "candour_record_facts": ("Facts in the record's tree.", "SELECT coalesce(max(leaf_index) + 1, 0) FROM record_fact"),
    "candour_record_waiting": ("Facts not yet in the tree.", "SELECT count(*) FROM record_fact WHERE leaf_index IS NULL"),
    "candour_database_bytes": ("Size of the database.", "SELECT pg_database_size(current_database())"),
}


def _age(registry: CollectorRegistry) -> None:
    try:
        found = figures.read()
    except DatabaseError:
        return
    ages = Gauge("candour_watch_seconds", "Dead-man figures: how long what always runs is behind.", ["figure"], registry=registry)
    limits = Gauge("candour_watch_limit_seconds", "The most that is well.", ["figure"], registry=registry)
    for one in found:
        ages.labels(one.figure.code).set(one.seconds)
        limits.labels(one.figure.code).set(one.limit)


def _count_notices(registry: CollectorRegistry) -> None:
    """Left out, like every figure, where they cannot be read."""
    try:
        states, channels, unreachable = notices.by_state(), list(notices.by_channel()), notices.unreachable()
    except DatabaseError:
        return
    waiting = Gauge("candour_notices", "Notices that wait, are held for later, or were given up.", ["state"], registry=registry)
    for state, many in states.items():
        waiting.labels(state).set(many)
    lately = Gauge("candour_notices_last_day", "What each channel made of notices in 24 hours.", ["channel", "outcome"], registry=registry)
    for channel, outcome, many in channels:
        lately.labels(channel, outcome).set(many)
    Gauge("candour_people_unreachable", "People with an address that refused for good.", registry=registry).set(unreachable)


def _count_unstaffed(registry: CollectorRegistry) -> None:
    """Here and not in what a probe may read: that a desk cannot take something tells whoever is kept from it that it exists."""
    try:
        many = unstaffed.unstaffed().count()
    except DatabaseError:
        return
    Gauge("candour_unstaffed_duties", "Open duties with a desk where nobody may take them.", registry=registry).set(many)


def _reason() -> standing.Reason | None:
    found = standing.shown()
    return found.reason if found else None


def _number(query: str) -> float | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            row = cursor.fetchone()
    except Exception:  # noqa: BLE001 - a figure that cannot be read is left out; `candour_up` says what is wrong
        return None
    return float(row[0]) if row else None
