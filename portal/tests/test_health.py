"""What probes are told, whatever is broken."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError, connection, transaction
from django.http import Http404
from django.test import Client, RequestFactory

from portal import health
from portal.record.appending import append, process_actor
from portal.record.sequencing import LOCK
from portal.watch import watching


def ask(view: Any, **headers: str) -> Any:
    request = RequestFactory().get("/", **headers)  # type: ignore[arg-type]
    request.user = AnonymousUser()
    return view(request)


def beat(age: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO clock_heartbeat (name, at) VALUES ('clock', clock_timestamp() - %s::interval)", [age])


def test_live_needs_nothing() -> None:
    answer = ask(health.live)
    assert (answer.status_code, answer.content) == (200, b"live\n")


@pytest.mark.django_db
def test_ready_when_every_part_is_in_order() -> None:
    beat("1 second")
    watching.beat("sweep")
    answer = ask(health.ready)
    body = json.loads(answer.content)
    assert answer.status_code == 200, body
    assert all(body[part]["ok"] for part in ("database", "redis", "clock", "migrations"))


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "detail"), [(None, "has never run"), ("1 hour", "last round 3600 seconds ago")])
def test_a_clock_that_does_not_go_round_is_not_ready(age: str | None, detail: str) -> None:
    if age:
        beat(age)
    answer = ask(health.ready)
    assert answer.status_code == 503
    assert json.loads(answer.content)["clock"] == {"ok": False, "detail": detail}


@pytest.mark.django_db(transaction=True)
def test_a_clock_that_goes_round_and_signs_nothing_is_not_ready(keeper: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also the application's role can take the lock that lets one clock lead: then the facts wait, and somebody has to be told."""
    beat("1 second")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    assert keeper.round() == 0
    monkeypatch.setattr(health, "STILL_SECONDS", 0.0)
    answer = ask(health.ready)
    assert answer.status_code == 503
    assert json.loads(answer.content)["record"]["detail"].startswith("stands still: a fact has waited")
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
    assert keeper.round() == 3
    assert health.record()[1].startswith("stands still: nothing was signed for")
    monkeypatch.setattr(health, "STILL_SECONDS", 60.0)
    assert health.record() == (True, "continues what was signed")


@pytest.mark.django_db
def test_redis_away_is_said_soon_and_the_rest_still_answers(settings: Any) -> None:
    beat("1 second")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    answer = ask(health.ready)
    body = json.loads(answer.content)
    assert answer.status_code == 503
    assert body["redis"] == {"ok": False, "detail": "ConnectionError"}
    assert body["database"]["ok"]


@pytest.mark.django_db
def test_unapplied_migrations_are_counted(owner_connection: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(health, "_migrated", False)
    monkeypatch.setattr("portal.health.MigrationExecutor.migration_plan", lambda *_: [("one", False), ("two", False)])
    assert json.loads(ask(health.ready).content)["migrations"] == {"ok": False, "detail": "2 not applied"}


def test_a_database_that_is_away_is_an_answer_and_not_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> health.Verdict:
        raise OperationalError("host db.internal user candour_app")

    monkeypatch.setattr(health, "CHECKS", dict.fromkeys(health.CHECKS, away))
    answer = ask(health.ready)
    assert answer.status_code == 503
    assert json.loads(answer.content)["database"] == {"ok": False, "detail": "OperationalError"}
    assert b"internal" not in answer.content


@pytest.mark.django_db
def test_figures_are_for_this_machine_where_no_token_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("METRICS_TOKEN", raising=False)
    beat("1 second")
    assert b"candour_clock_age_seconds 1." in ask(health.metrics).content
    for elsewhere in ({"REMOTE_ADDR": "192.0.2.7"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.7"}, {"REMOTE_ADDR": ""}):
        with pytest.raises(Http404):
            ask(health.metrics, **elsewhere)


@pytest.mark.django_db
def test_figures_are_for_whoever_holds_the_token(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "a-token")
    assert ask(health.metrics, REMOTE_ADDR="192.0.2.7", HTTP_AUTHORIZATION="Bearer a-token").status_code == 200
    for wrong in ({}, {"HTTP_AUTHORIZATION": "Bearer another"}, {"HTTP_AUTHORIZATION": "Bearer é"}):
        with pytest.raises(Http404):
            ask(health.metrics, **wrong)


@pytest.mark.parametrize("view", [health.live, health.ready, health.metrics])
def test_probes_only_read(view: Any) -> None:
    request = RequestFactory().post("/")
    assert view(request).status_code == 405


def test_probes_need_no_account() -> None:
    assert not any(view.login_required for view in (health.live, health.ready, health.metrics))  # type: ignore[attr-defined]


@pytest.mark.django_db
def test_probes_are_at_their_addresses(client: Client) -> None:
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503
