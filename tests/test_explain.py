"""The front page, the duty list and the sweep find their rows by index once the tables are large; PostgreSQL is asked how it would."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from devices.models import Handset
from devices.tests.factories import imei
from guidance.tests.making import make_document, make_published
from portal.people.line import line_of_command
from portal.people.models import Person
from reporting.escalation import due, ladder
from reporting.tests.making import RUNGS, a_line, send

pytestmark = pytest.mark.django_db(transaction=True)  # statistics are the owner's to gather, so it has to see the rows

BIG = (
    "reporting_report|reporting_duty|reporting_exclusion|devices_handset|devices_custody|guidance_acknowledgement|people_person|record_fact"
)
ADDRESSES = ["/", "/duties/", "/guidance/", "/guidance/code/", "/reports/", "/handset/", "/handset/claim/"]
PEOPLE = """
INSERT INTO people_person (id, password, is_superuser, email, number, kind, rank, first_name, last_name, job_title, is_active, is_staff)
SELECT gen_random_uuid(), '!', false, 'x' || n || '@force.example', 'X' || n, 'officer', 10, 'Ada', 'Okafor', '', true, false
FROM generate_series(1, 6000) AS n
"""
REPORTS = """
WITH made AS (
    INSERT INTO reporting_report (id, reference, reporter_id, container, state, categories, at_risk_now, confidential, ladder, sent_at)
    SELECT gen_random_uuid(), 'X' || row_number() OVER (), id, gen_random_uuid(), 'open', '{racist}', false, false, %s::jsonb,
        now() - interval '1 day'
    FROM people_person WHERE number LIKE 'X%%' RETURNING id, reporter_id
), excluded AS (
    INSERT INTO reporting_exclusion (report_id, person_id, why) SELECT id, reporter_id, 'reporter' FROM made
)
INSERT INTO reporting_duty (report_id, seq, level, holder_id, why, skipped, state, from_at, open_due_at, act_due_at, next_due_at)
SELECT made.id, 1, 1, holder.id, 'sent', '[]', 'sent', now(), now() + interval '1 hour', now() + interval '1 day', now() + interval '1 hour'
FROM (SELECT id, row_number() OVER () AS place FROM made) AS made
JOIN (SELECT id, row_number() OVER () AS place FROM people_person) AS holder ON holder.place = made.place
"""
CUSTODIES = """
INSERT INTO devices_custody (handset_id, holder_id, terms_id, claimed_at)
SELECT made.id, holder.id, (SELECT max(id) FROM devices_terms), now()
FROM (SELECT id, row_number() OVER () AS place FROM devices_handset) AS made
JOIN (SELECT id, row_number() OVER () AS place FROM people_person WHERE number LIKE 'X%') AS holder ON holder.place = made.place
"""
ACKNOWLEDGED = """
INSERT INTO guidance_acknowledgement (version_id, person_id, at, text_hash, sentence)
SELECT version.id, person.id, now(), version.text_hash, version.sentence FROM guidance_version AS version, people_person AS person
"""
FACTS = """
INSERT INTO record_fact (kind, subject, actor, facts, sealed)
SELECT 'guidance.acknowledged', 'reader:' || id, 'process:test', '{}', '{}' FROM people_person
"""


@pytest.fixture
def inspector(owner_connection: Any) -> Person:
    """Somebody with duties, in a portal where thousands of others have everything too."""
    constable, _, holder, *_ = a_line()
    send(constable)
    make_published(make_document())
    with connection.cursor() as cursor:
        cursor.execute(PEOPLE)
        cursor.execute(REPORTS, [json.dumps(ladder.freeze(RUNGS))])
        Handset.objects.bulk_create(Handset(asset_tag=f"X-{n}", imei=imei(n), model="Phone", state="claimed") for n in range(6000))
        cursor.execute(CUSTODIES)
        cursor.execute(ACKNOWLEDGED)
        cursor.execute(FACTS)
    owner_connection.execute("ANALYZE")
    return holder


@pytest.fixture
def plans() -> Iterator[list[str]]:
    """The plan of every reading statement that is sent while the test runs, asked for just before it is sent."""
    found: list[str] = []

    def explain(execute: Callable[..., object], sql: str, params: object, many: bool, context: dict[str, object]) -> object:
        declared = getattr(context["cursor"], "name", None)  # a cursor that PostgreSQL keeps explains nothing
        if re.match(r"\s*(SELECT|WITH)\b", sql) and not declared:
            execute(f"EXPLAIN {sql}", params, many, context)
            found.append(f"{sql[:300]}\n" + "\n".join(row[0] for row in context["cursor"].fetchall()))  # type: ignore[attr-defined]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explain):
        yield found


def scanned(plans: list[str]) -> list[str]:
    return [plan for plan in plans if re.search(rf"Seq Scan on ({BIG})\b", plan)]


def test_no_page_of_the_day_reads_a_large_table_from_end_to_end(client: Client, inspector: Person, plans: list[str]) -> None:
    client.force_login(inspector, backend="portal.people.signin.PersonBackend")
    plans.clear()
    for address in ADDRESSES:
        assert client.get(address).status_code == 200, address
    assert len(plans) > len(ADDRESSES)
    assert scanned(plans) == []


def test_the_sweep_finds_due_duties_and_the_next_holders_by_index(inspector: Person, plans: list[str]) -> None:
    with transaction.atomic():
        assert due.claim(timezone.now(), 1000) == []
    assert "duty_due" in plans[0]
    assert line_of_command(inspector.pk)
    assert scanned(plans) == []
