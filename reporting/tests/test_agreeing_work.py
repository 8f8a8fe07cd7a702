from __future__ import annotations

from datetime import date

import pytest
from django.db import connection

from reporting.agreement.work import disagreements
from reporting.choices import Recorded
from reporting.confidence import naming
from reporting.desk import assigning, finding, linking, noting
from reporting.models import Report
from reporting.tests.making import a_line, send, standards_officer

pytestmark = pytest.mark.django_db
CHANGES = {
    "note gone": "DELETE FROM reporting_note",
    "note by another": "UPDATE reporting_note SET author_id = (SELECT reporter_id FROM reporting_report LIMIT 1)",
    "finding": "UPDATE reporting_finding SET what = 'criminal'",
    "day": "UPDATE reporting_finding SET day = day - 1",
    "shared": "UPDATE reporting_finding SET shared = NOT shared",
    "link gone": "DELETE FROM reporting_link WHERE ended_at IS NULL",
    "link ended": "UPDATE reporting_link SET ended_at = now() WHERE ended_at IS NULL",
    "link revived": "UPDATE reporting_link SET ended_at = NULL WHERE ended_at IS NOT NULL",
    "assigned": "UPDATE reporting_assignment SET person_id = (SELECT reporter_id FROM reporting_report LIMIT 1)",
    "unassigned": "DELETE FROM reporting_assignment",
    "name open for longer": "UPDATE reporting_nameopening SET open_until = open_until + interval '1 day' WHERE state = 'opened'",
    "name open to another": "UPDATE reporting_nameopening SET asked_by_id = (SELECT reporter_id FROM reporting_report LIMIT 1)",
    "name open again": "UPDATE reporting_nameopening SET state = 'opened' WHERE state = 'closed'",
    "reporter not told": "UPDATE reporting_nameopening SET reporter_told_at = NULL",
}


@pytest.fixture
def reports() -> list[Report]:
    """Reports with one of everything that is kept about work on them, and one of it taken back."""
    one, other = standards_officer(), standards_officer()
    reports = [send(a_line()[0], skip_line=True) for _ in range(3)]
    noting.write_note(person=one, report_id=reports[0].pk, text="Seen")
    given = finding.Given(Recorded.SEVERITY, date(2026, 3, 3), "", shared=False)
    finding.record_finding(person=one, report_id=reports[0].pk, given=given)
    linking.link(person=one, report_id=reports[0].pk, to=reports[1].pk, reason="Same group")
    apart = linking.link(person=one, report_id=reports[0].pk, to=reports[2].pk, reason="Same group")
    linking.unlink(person=one, link_id=apart.pk, reason="Another group")
    for report in reports[:2]:
        assigning.assign(person=one, report_id=report.pk, to=one.pk)
        assigning.assign(person=one, report_id=report.pk, to=other.pk)
    assigning.unassign(person=one, report_id=reports[1].pk)
    confidential = send(a_line()[0], confidential=True)
    for closes in (True, False):
        asked = naming.ask_to_open(person=one, report_id=confidential.pk, reason="To call them")
        naming.open_name(person=other, key=asked.pk, tell_now=True)
        if closes:
            naming.close(person=other, key=asked.pk)
    return reports


def test_what_happened_agrees_with_the_tables(reports: list[Report]) -> None:
    assert list(disagreements()) == []


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_behind_the_records_back_is_found(reports: list[Report], change: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(CHANGES[change])
        assert cursor.rowcount > 0
    found = list(disagreements())
    assert found
    assert all(one.startswith(("the tables say of consultation:", "a fact about consultation:")) for one in found)
