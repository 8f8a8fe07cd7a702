from __future__ import annotations

import html

import pytest
from django.db import transaction
from django.test import Client

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.appending import append, now, person_actor
from reporting import stepping_aside
from reporting.choices import Excluded, ReportState
from reporting.counting import asides
from reporting.models import Report
from reporting.tests.making import a_line, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


def stepped(line: list[Person], **fields: object) -> Report:
    """A report whose first holder stepped aside."""
    report = send(line[0], **fields)  # type: ignore[arg-type]
    holder = open_duty_of(report).holder
    assert holder is not None
    stepping_aside.step_aside(person=holder, report_id=report.pk, reason="I know them.")
    return report


def test_stepping_aside_is_counted_for_the_holder() -> None:
    line = a_line()
    for _ in range(3):
        stepped(line)
    (found,) = asides.per_holder(viewer=standards_officer())
    assert (found.person, found.times, found.is_often) == (line[2], 3, True)


def test_a_member_of_a_desk_who_steps_aside_alone_is_counted_too() -> None:
    member, other = standards_officer(), standards_officer()
    report = send(a_line()[0], skip_line=True)
    before = now()
    stepping_aside.step_aside(person=member, report_id=report.pk, reason="A friend.")
    (found,) = asides.per_holder(viewer=other)
    assert (found.person, found.times) == (member, 1)
    assert found.last_at > before, "when they stepped aside, and not when the report was sent"


def test_reports_that_the_viewer_must_not_learn_of_are_not_counted() -> None:
    hidden, other = standards_officer(), standards_officer()
    report = stepped(a_line(), excluded={hidden: Excluded.SENDER})
    assert asides.per_holder(viewer=hidden) == []
    assert len(asides.per_holder(viewer=other)) == 1
    Report.objects.filter(pk=report.pk).update(state=ReportState.ERASED)
    assert asides.per_holder(viewer=other) == []


def test_a_fact_that_no_verb_wrote_counts_for_nobody_and_stops_no_page() -> None:
    person, subjects = standards_officer(), ("report:nobody", send(a_line()[0]).subject)
    with transaction.atomic():
        for subject in subjects:
            append(kind="duty.stepped_aside", subject=subject, actor=person_actor(person))
    assert asides.per_holder(viewer=standards_officer()) == []


def test_professional_standards_see_it_per_person_and_nobody_else_does(client: Client) -> None:
    line = a_line()
    client.force_login(standards_officer())
    assert "Nobody has stepped aside" in client.get("/standards/stepped-aside/").content.decode()
    for _ in range(3):
        stepped(line)
    page = html.unescape(client.get("/standards/stepped-aside/").content.decode())
    assert line[2].name_and_unit in page
    assert "Often" in page
    assert "/standards/stepped-aside/" in client.get("/standards/").content.decode()
    assert client.post("/standards/stepped-aside/").status_code == 405
    client.force_login(PersonFactory(rank=60))
    assert client.get("/standards/stepped-aside/").status_code == 404
    client.logout()
    assert client.get("/standards/stepped-aside/").headers["Location"].startswith("/accounts/login/")
