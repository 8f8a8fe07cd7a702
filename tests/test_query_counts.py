"""How often each page asks the database, signing the person in included. A page that starts to ask once a row fails here."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from devices.tests.factories import allotted, take
from guidance.acknowledging import acknowledge
from guidance.tests.making import make_document, make_published
from portal.people.models import Person, Role
from portal.people.tests.factories import desk
from reporting.models import Report
from reporting.tests.making import a_line, send, standards_officer

pytestmark = pytest.mark.django_db

# Address, who opens it, and the most queries: one loads the session where no cache has it, one the person.
PAGES = [
    ("/", "constable", 9),
    ("/", "inspector", 9),
    ("/", "standards", 10),
    ("/handset/", "constable", 4),
    ("/handset/apps/", "constable", 2),
    ("/handset/claim/", "inspector", 2),
    ("/guidance/", "constable", 3),
    ("/guidance/code/", "constable", 3),
    ("/guidance/code/changes/", "constable", 4),
    ("/reports/", "constable", 6),
    ("/reports/new/", "constable", 3),
    ("/duties/", "inspector", 5),
    ("/duties/?state=ended", "inspector", 5),
    ("/standards/", "standards", 11),
    ("/stores/", "keeper", 7),
    ("/receipts/", "constable", 14),
    ("/record/", "constable", 4),
]


@dataclass(frozen=True)
class Cast:
    """People in the middle of a working day, each with several of everything that is theirs."""

    constable: Person
    inspector: Person
    standards: Person
    keeper: Person
    reports: list[Report]


@pytest.fixture
def cast() -> Cast:
    constable, sergeant, inspector, *_ = a_line()
    standards = standards_officer()
    desk(standards)
    take(constable)
    for person in (constable, inspector, sergeant):
        allotted(person)
    first = make_published(make_document())
    acknowledge(person=constable, slug="code", version_id=first.pk, text_hash=first.text_hash)
    make_published(first.document, text="## Purpose\n\nYou may use Signal with permission.\n")
    make_published(make_document("note", title="A note"))
    reports = [send(constable) for _ in range(7)] + [send(inspector)]
    sergeant.groups.add(Group.objects.get_or_create(name=Role.STORES)[0])
    return Cast(constable, inspector, standards, sergeant, reports)


def queries_of(client: Client, person: Person, address: str) -> CaptureQueriesContext:
    client.force_login(person, backend="portal.people.signin.PersonBackend")
    client.get(address)  # what a process reads once, it has read
    with CaptureQueriesContext(connection) as seen:
        answer = client.get(address)
    assert answer.status_code == 200, address
    return seen


@pytest.mark.parametrize(("address", "who", "most"), PAGES)
def test_a_page_asks_no_more_often_than_it_must(client: Client, cast: Cast, address: str, who: str, most: int) -> None:
    seen = queries_of(client, getattr(cast, who), address)
    assert len(seen) <= most, "\n".join(query["sql"][:200] for query in seen)


@pytest.mark.parametrize(
    ("address", "who", "most"), [("/reports/{}/", "constable", 17), ("/duties/{}/", "inspector", 32), ("/standards/{}/", "standards", 24)]
)
def test_a_report_asks_no_more_often_than_it_must(client: Client, cast: Cast, address: str, who: str, most: int) -> None:
    seen = queries_of(client, getattr(cast, who), address.format(cast.reports[0].reference))
    assert len(seen) <= most, "\n".join(query["sql"][:200] for query in seen)


@pytest.mark.parametrize(
    ("address", "who"), [("/", "constable"), ("/reports/", "constable"), ("/duties/", "inspector"), ("/standards/", "standards")]
)
def test_a_longer_list_is_no_more_queries(client: Client, cast: Cast, address: str, who: str) -> None:
    before = len(queries_of(client, getattr(cast, who), address))
    for _ in range(6):
        send(cast.constable)
    assert len(queries_of(client, getattr(cast, who), address)) <= before
