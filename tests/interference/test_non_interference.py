"""Somebody excluded from a report sees the same portal, byte for byte, whether the report exists or not."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from portal import health
from portal.notices.outbox import put
from portal.record import keys
from portal.watch import figures
from reporting import held
from reporting.models import ReportQuerySet
from tests.interference.crawling import Answer, addresses_of, fetched_by, signed_in
from tests.interference.masking import masked
from tests.interference.worlds import Worlds, built, inside, spare

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(300)]
KINDS = ("constable", "inspector", "desk", "standards", "stores", "auditor", "administrator", "superuser")


@pytest.fixture(scope="module")
def worlds(django_db_setup: None, django_db_blocker: Any) -> Iterator[Worlds]:
    with django_db_blocker.unblock(), built() as made:
        yield made


@pytest.fixture
def spares(worlds: Worlds) -> Iterator[Worlds]:
    """For a test that leaves traces in one of them: facts are numbered, and whoever looks next would find other numbers."""
    with spare(worlds) as copied:
        yield copied


@pytest.fixture(autouse=True)
def _keys() -> None:
    """The portal makes its key when it first promises something: in both worlds it has."""
    keys.private_key(keys.PORTAL)


@pytest.fixture(autouse=True)
def _no_clock_runs(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What has waited for too long by now in the world that is seen second had not in the first."""
    monkeypatch.setattr(health, "STILL_SECONDS", 86_400.0)
    monkeypatch.setattr(health, "REDIS_SECONDS", 30.0)
    for figure in figures.every():
        setattr(settings, figure.limit, 86_400)


def differences(worlds: Worlds, kind: str) -> dict[str, str]:
    """What this excluded person finds different between the two worlds, as the lines that differ."""
    person, found = worlds.cast.excluded[kind], list[dict[str, Answer]]()
    for world in (worlds.present, worlds.absent):
        with inside(world):
            found.append(fetched_by(type(person).objects.get(pk=person.pk), worlds.told))
    present, absent = found
    return {asked: diff(present.get(asked), absent.get(asked)) for asked in present | absent if present.get(asked) != absent.get(asked)}


def diff(one: Answer | None, other: Answer | None) -> str:
    texts = [f"{answer.status}\n{answer.headers}\n{answer.body}" if answer else "" for answer in (one, other)]
    return "\n".join(difflib.unified_diff(texts[1].splitlines(), texts[0].splitlines(), "absent", "present", lineterm="", n=0))[:1500]


@pytest.mark.parametrize("kind", KINDS)
def test_an_excluded_person_finds_no_difference(worlds: Worlds, kind: str) -> None:
    found = differences(worlds, kind)
    assert not found, "\n\n".join(f"{asked}\n{lines}" for asked, lines in list(found.items())[:8])


def test_a_queryset_that_forgets_who_is_excluded_is_found_out(spares: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ReportQuerySet, "known_to", lambda reports, _person: reports.all())
    found = differences(spares, "standards")
    assert f"GET /standards/{spares.told.references[0]}/" in found
    assert any(asked.startswith("GET /standards/ ") for asked in found)


def test_a_list_of_duties_that_forgets_who_is_excluded_is_found_out(spares: Worlds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(held, "HELD", re.sub(r"AND NOT EXISTS \(SELECT FROM reporting_exclusion.*\)\n", "", held.HELD))
    assert any(asked.startswith("GET /duties/ ") for asked in differences(spares, "desk"))


def test_one_notice_too_many_is_found_out(spares: Worlds) -> None:
    person = spares.cast.excluded["constable"]
    with inside(spares.present), transaction.atomic():
        put(to=person, kind="report.passed", subject="Report", body="One passed.", link="/reports/", dedupe="planted")
    assert set(differences(spares, "constable")) == {"notices"}


@pytest.mark.parametrize("kind", ["desk", "inspector", "superuser"])
def test_an_excluded_person_is_answered_as_if_there_were_no_such_report_by_the_same_queries(worlds: Worlds, kind: str) -> None:
    """The same bytes and the same questions to the database, so that neither a length nor a time tells the two apart."""
    with inside(worlds.present):
        client = signed_in(type(worlds.cast.line[0]).objects.get(pk=worlds.cast.excluded[kind].pk))
        known, other = worlds.told.references[0], "MR-3333-333K"
        tried = [address for address in addresses_of(worlds.told) if known in address]
        client.get("/")  # the session is read once
        for address in tried:
            for method in (client.get, client.post):
                assert asked(method, address, known) == asked(method, address.replace(known, other), other), address


def asked(method: Any, address: str, reference: str) -> tuple[int, str, list[str]]:
    """The answer and the queries, with the reference taken out."""
    with CaptureQueriesContext(connection) as seen:
        response = method(address)
    texts = [response.content.decode(), *(query["sql"] for query in seen)]
    body, *queries = [masked(text.replace(reference, "*")) for text in texts]
    return response.status_code, body, queries
