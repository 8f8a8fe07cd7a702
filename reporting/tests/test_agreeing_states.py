"""A state that does not follow from what was recorded last is found, with the fact that says otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection

from portal.people.models import Person
from portal.record.keeping import Keeper
from portal.record.verifying import Mismatch, verify
from reporting import acting, disputing, opening, passing, reopening, stepping_aside, taking_up
from reporting.agreement.states import disagreements
from reporting.choices import Conflicted, DutyState, Outcome, ReportState
from reporting.desk import excluding
from reporting.escalation import lapsing
from reporting.models import Duty, Report
from reporting.tests.erasures import erased
from reporting.tests.making import a_line, age, open_duty_of, send, standards_officer
from reporting.tests.test_agreeing import a_whole_report

pytestmark = pytest.mark.django_db


def holder(report: Report) -> Person:
    held = open_duty_of(report).holder
    assert held is not None
    return held


def close(report: Report, outcome: Outcome = Outcome.LOCAL) -> None:
    acting.act(person=holder(report), report_id=report.pk, outcome=outcome, reasons="Dealt with.", shared="Dealt with.")


def test_what_the_verbs_leave_agrees() -> None:
    one, other = standards_officer(), standards_officer()
    lines = [a_line() for _ in range(12)]
    reports = [send(line[0]) for line in lines]
    holders = [holder(report) for report in reports]
    opening.open_duty(person=holders[1], report_id=reports[1].pk, why="duty")
    opening.open_duty(person=holders[2], report_id=reports[2].pk, why="duty")
    taking_up.take_up(person=holders[2], report_id=reports[2].pk)
    close(reports[3])
    close(reports[4], Outcome.STANDARDS)
    close(reports[10])
    age(reports[5], days=1)
    lapsing.fire_due()
    stepping_aside.step_aside(person=holders[6], report_id=reports[6].pk, reason="My brother is in it.")
    excluding.exclude(person=one, report_id=reports[11].pk, whom=holders[11], why=Conflicted.OTHER, reason="They are cousins.")
    passing.pass_on(person=holders[7], report_id=reports[7].pk, to=lines[7][3].pk, reason="Leave")
    close(reports[8])
    reopening.reopen(person=one, report_id=reports[8].pk, to=reopening.Level.NEXT, reason="More is known.")
    for report in (reports[3], reports[9]):
        erased(report, one, other)
    assert set(Duty.objects.values_list("state", flat=True)) == set(DutyState)
    assert set(Report.objects.values_list("state", flat=True)) == set(ReportState)
    assert list(disagreements()) == []


def test_a_disputed_closure_agrees() -> None:
    standards_officer()
    report = send(a_line()[0])
    close(report)
    disputing.dispute(reporter=report.reporter, report_id=report.pk, reason="Nobody spoke to me.")
    assert list(disagreements()) == []


def test_an_open_report_that_is_said_to_be_acted_or_erased_is_found() -> None:
    report = send(a_line()[0])
    for state in (ReportState.ACTED, ReportState.ERASED):
        Report.objects.update(state=state)
        assert list(disagreements()) == [
            f"the tables say that {report.subject} is {state}, but it is open, as its fact 2, duty.passed, has it"
        ]


def test_a_closed_or_erased_report_that_is_said_to_be_open_is_found() -> None:
    one, other = standards_officer(), standards_officer()
    report = send(a_line()[0])
    close(report)
    Report.objects.update(state=ReportState.OPEN)
    (said,) = disagreements()
    assert said.startswith(f"the tables say that {report.subject} is open, but it is acted, as its fact ")
    assert said.endswith(", duty.acted, has it")
    Report.objects.update(state=ReportState.ACTED)
    erased(report, one, other)
    Report.objects.update(state=ReportState.ACTED)
    (said,) = disagreements()
    assert said.endswith(", report.erased, has it")


@pytest.mark.parametrize(
    ("seq", "state", "must_be", "kind"),
    [(1, "passed", "lapsed", "duty.passed"), (2, "reopened", "acted", "duty.acted")],
)
def test_a_duty_in_a_state_that_does_not_follow_is_found(seq: int, state: str, must_be: str, kind: str) -> None:
    report = a_whole_report()
    Duty.objects.filter(seq=seq).update(state=state)
    key = Duty.objects.get(seq=seq).pk
    (said,) = disagreements()
    assert said.startswith(f"the tables say that duty {key} of {report.subject} is {state}, but it is {must_be}, as its fact ")
    assert said.endswith(f", {kind}, has it")


def test_a_state_that_no_fact_tells_of_is_found_too() -> None:
    """Times without their facts are found by another comparison; this one says that it found none."""
    report = send(a_line()[0])
    connection.cursor().execute("UPDATE reporting_duty SET opened_at = now()")
    (said,) = disagreements()
    assert (
        said
        == f"the tables say that duty {open_duty_of(report).pk} of {report.subject} is sent, but it is opened, as no fact says otherwise"
    )


@pytest.mark.django_db(transaction=True)
def test_verify_record_finds_a_state_that_a_superuser_changed(keeper: Keeper, owner_connection: Any) -> None:
    report = a_whole_report()
    keeper.round()
    assert verify().size > 8
    owner_connection.execute("UPDATE reporting_report SET state = 'open'")
    with pytest.raises(Mismatch, match=f"the tables say that {report.subject} is open, but it is acted"):
        verify()
