"""The lists and the sweep find their rows by index. Small tables are scanned whole, so scans are made dear before asking."""

from __future__ import annotations

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from portal.people.tests.factories import PersonFactory
from reporting import lapsing
from reporting.models import Duty, Report
from reporting.tests.making import settings_of_planner

pytestmark = pytest.mark.django_db


def plan(rows: QuerySet[Duty] | QuerySet[Report]) -> str:
    settings_of_planner(enable_seqscan="off")
    sql, given = rows.query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {sql}", given)
        return "\n".join(row[0] for row in cursor.fetchall())


def test_the_sweep_reads_due_duties_by_index() -> None:
    shown = plan(lapsing.claim(timezone.now(), 1000))
    assert "duty_due" in shown
    assert "Seq Scan" not in shown


def test_the_duty_list_reads_a_holders_and_their_desks_duties_by_index() -> None:
    shown = plan(Duty.objects.all().held_by(PersonFactory()).most_urgent_first())
    assert "duty_of_holder" in shown
    assert "duty_of_post" in shown
    assert "Seq Scan on reporting_duty" not in shown


def test_the_list_of_every_report_reads_the_newest_by_index() -> None:
    person = PersonFactory()
    assert "report_newest" in plan(Report.objects.known_to(person).order_by("-sent_at")[:25])
