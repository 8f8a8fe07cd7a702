"""The lists and the sweep find their rows by index, as PostgreSQL itself chooses among thousands of reports."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import QuerySet

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, desk
from portal.postgres.base import rows
from portal.record.appending import Entry, append_all, now, person_actor
from reporting.choices import DutyState, Excluded, Why
from reporting.counting import asides
from reporting.escalation import ladder
from reporting.escalation.due import CLAIM
from reporting.models import Duty, Exclusion, Report
from reporting.tests.making import RUNGS

pytestmark = pytest.mark.django_db(transaction=True)
MANY = 6_000
OPEN_EVERY = 20  # the rest ended: lists must not read through the past


@pytest.fixture
def holders(owner_connection: Any) -> list[Person]:
    """Thousands of reports, most of them closed, held by forty officers and the desk; with statistics, as a running server has them."""
    people: list[Person] = [PersonFactory(rank=30) for _ in range(40)]
    post, at, frozen = desk(people[0]), now(), ladder.freeze(RUNGS)
    reports = [
        Report(
            reference=f"T{place}", reporter=people[place % 40], container=uuid.uuid4(), ladder=frozen, sent_at=at - timedelta(minutes=place)
        )
        for place in range(MANY)
    ]
    Report.objects.bulk_create(reports)
    Duty.objects.bulk_create(a_duty(report, place, people, post.pk) for place, report in enumerate(reports))
    for table in ("reporting_report", "reporting_duty", "reporting_exclusion", "people_person", "people_postmember"):
        owner_connection.execute(f"VACUUM ANALYZE {table}")
    return people


def a_duty(report: Report, place: int, people: list[Person], post: int) -> Duty:
    is_open, at_desk, start = place % OPEN_EVERY == 0, place % (OPEN_EVERY * 5) == 0, report.sent_at
    due = start + timedelta(days=30)
    return Duty(
        report=report,
        seq=1,
        level=1,
        holder=None if at_desk else people[place // OPEN_EVERY % 40],
        post_id=post if at_desk else None,
        why=Why.SENT,
        state=DutyState.SENT if is_open else DutyState.LAPSED,
        from_at=start,
        open_due_at=due,
        act_due_at=due,
        next_due_at=due if is_open else None,
        ended_at=None if is_open else start,
    )


def plan(rows: QuerySet[Duty] | QuerySet[Report]) -> str:
    with transaction.atomic(), connection.cursor() as cursor:
        sql, given = rows.query.sql_with_params()
        cursor.execute(f"EXPLAIN {sql}", given)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_sweep_the_duty_list_and_the_list_of_reports_use_indexes(holders: list[Person]) -> None:
    with transaction.atomic():
        sweep = "\n".join(line for (line,) in rows(f"EXPLAIN {CLAIM}", {"at": now(), "most": 1000, "but": []}))
    assert "using duty_due" in sweep
    assert "Seq Scan on reporting" not in sweep

    listed = plan(Duty.objects.all().held_by(holders[0]).most_urgent_first())
    assert "duty_of_holder" in listed
    assert "duty_of_post" in listed
    assert "Seq Scan on reporting_duty" not in listed

    assert "using report_newest" in plan(Report.objects.known_to(holders[0]).order_by("-sent_at", "-id")[:25])


def test_who_stepped_aside_is_read_from_the_facts_of_it(holders: list[Person], owner_connection: Any) -> None:
    reports = list(Report.objects.all())
    Exclusion.objects.bulk_create(Exclusion(report=report, person=report.reporter, why=Excluded.REPORTER) for report in reports)
    with transaction.atomic():
        append_all([fact("report.added", report, holders[1]) for report in reports])
        append_all([fact("duty.stepped_aside", report, holders[2]) for report in reports[::1000]])
    Exclusion.objects.bulk_create(Exclusion(report=report, person=holders[2], why=Excluded.DECLARED) for report in reports[::1000])
    for table in ("record_fact", "reporting_exclusion"):
        owner_connection.execute(f"VACUUM ANALYZE {table}")
    (found,) = asides.per_holder(viewer=PersonFactory())
    assert (found.person, found.times) == (holders[2], 6)
    with transaction.atomic():
        plan = "\n".join(line for (line,) in rows(f"EXPLAIN {asides.PER_HOLDER}", {"viewer": holders[0].pk, "most": asides.MOST}))
    assert "using fact_kind_at" in plan
    assert "Seq Scan" not in plan


def fact(kind: str, report: Report, person: Person) -> Entry:
    return Entry(kind=kind, subject=report.subject, actor=person_actor(person), facts={}, sealed={})
