from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact
from portal.requests.choices import Ground
from portal.vault.sealing import Erased, read_text
from reporting import acting, holding, reopening
from reporting.agreement.agreeing import disagreements
from reporting.choices import DutyState, Excluded, Outcome, ReportState, Why
from reporting.erasure import erasing
from reporting.models import Decision, Duty, Exclusion, Report
from reporting.reopening import Level
from reporting.statements import intervals, parts
from reporting.statements.parts import Party
from reporting.statements.wording import Voice
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, chain, open_duty_of, send, standards_officer, the_desk
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "The group was larger than we knew."


def closed(**fields: Any) -> tuple[Report, list[Person], Person]:
    """A report that its inspector closed, the line, and somebody in professional standards."""
    line, standards = a_line(), standards_officer()
    report = send(line[0], **fields)
    acting.act(person=line[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke to them.", shared="Dealt with.")
    report.refresh_from_db()
    return report, line, standards


def reopen(report: Report, person: Person, to: Level = Level.NEXT) -> Duty:
    return reopening.reopen(person=person, report_id=report.pk, to=to, reason=REASON)


def test_a_reopened_report_goes_to_the_next_level_and_is_open_again() -> None:
    report, (_, _, _, chief, _), standards = closed()
    duty = reopen(report, standards)
    report.refresh_from_db()
    assert (duty.holder, duty.level, duty.seq, duty.why, report.state) == (chief, 2, 2, Why.REOPENED, ReportState.OPEN)
    assert open_duty_of(report) == duty


def test_what_was_decided_before_stays_and_a_second_decision_follows_it() -> None:
    report, (_, _, inspector, chief, _), standards = closed()
    reopen(report, standards)
    acting.act(person=chief, report_id=report.pk, outcome=Outcome.CORRUPTION, reasons="Told them.")
    first, second = Decision.objects.order_by("duty__seq")
    assert (first.decided_by, first.duty.state, second.decided_by) == (inspector, DutyState.REOPENED, chief)
    assert list(disagreements()) == []


def test_it_may_go_to_the_desk_at_once() -> None:
    report, _, standards = closed()
    assert (reopen(report, standards, Level.DESK).post, open_duty_of(report).level) == (the_desk(), 4)


def test_a_closure_by_the_desk_goes_back_to_the_desk() -> None:
    standards = standards_officer()
    report = send(a_line()[0], skip_line=True)
    acting.act(person=standards, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")
    assert reopen(report, standards).post == the_desk()


def test_the_reporter_the_former_holder_and_the_new_one_are_told() -> None:
    report, (constable, _, inspector, chief, _), standards = closed()
    Outbox.objects.all().delete()
    reopen(report, standards)
    assert {(notice.to, notice.kind) for notice in Outbox.objects.select_related("to")} == {
        (constable, "report.passed"),
        (inspector, "duty.reopened"),
        (chief, "duty.passed"),
    }
    assert not [notice for notice in Outbox.objects.all() if REASON in notice.body + notice.subject]


def test_a_former_holder_who_must_not_know_any_more_is_not_told() -> None:
    report, (_, _, inspector, *_), standards = closed()
    Exclusion.objects.create(report=report, person=inspector, why=Excluded.DECLARED)
    reopen(report, standards)
    assert not Outbox.objects.filter(kind="duty.reopened").exists()


def test_the_reason_is_sealed_and_read_by_holders_and_standards_alone() -> None:
    report, (constable, _, inspector, chief, _), standards = closed()
    duty = reopen(report, standards)
    fact = Fact.objects.of_kind("duty.passed").latest("pk")
    assert REASON not in fact.facts + fact.sealed
    assert read_text(report.container, f"reopened-{duty.pk}") == {f"reopened-{duty.pk}": REASON}
    told = {reader: str(timeline(report, viewer=reader)) for reader in (constable, inspector, chief, standards)}
    assert [REASON in told[reader] for reader in (constable, inspector, chief, standards)] == [False, False, True, True]
    assert "Professional standards reopened this report" in told[constable]
    assert standards.last_name not in told[constable] + told[chief]


def test_a_former_holder_sees_nothing_that_came_after_their_act() -> None:
    report, (_, _, inspector, *_), standards = closed()
    reopen(report, standards)
    assert "reopened" not in str(timeline(report, viewer=inspector))
    pieces = parts.part(Party.HOLDER, inspector, report, parts.facts_of(report))
    assert [piece.fact.kind for piece in pieces if not piece.withheld][-1] == "duty.acted"


def test_the_statement_says_why_the_duty_began_again_and_names_nobody_for_it() -> None:
    report, *_, standards = closed()
    reopen(report, standards)
    pieces = parts.part(Party.REPORTER, report.reporter, report, parts.facts_of(report))
    first, second = Voice(parts.names_of(parts.keys_in(pieces))).rows(intervals.read(pieces, until=pieces[-1].fact.at))
    assert (second.because, second.open) == ("professional standards reopened the report", True)
    assert first.until is not None
    assert chain(report)[-2:] == ["duty.acted", "duty.passed"]
    assert f"person:{standards.pk}" not in parts.keys_in(pieces)


def test_an_open_report_is_not_reopened() -> None:
    constable, *_ = a_line()
    report, standards = send(constable), standards_officer()
    with pytest.raises(reopening.NotClosed, match="holds the duty"):
        reopen(report, standards)
    assert Duty.objects.count() == 1


def test_an_erased_report_is_not_reopened(one: Person, other: Person) -> None:
    report, *_ = closed()
    erasure = erasing.ask_to_erase(person=one, report_id=report.pk, ground=Ground.ORDER, reason="Order 12")
    erasing.erase(person=other, key=erasure.pk, reference=report.reference)
    with pytest.raises(Erased):
        reopen(report, one)


@pytest.mark.parametrize("who", ["holder", "excluded", "reporter"])
def test_nobody_else_reopens(who: str) -> None:
    report, (_, _, inspector, *_), standards = closed()
    if who == "excluded":
        Exclusion.objects.create(report=report, person=standards, why=Excluded.NAMED)
    person = {"holder": inspector, "excluded": standards, "reporter": report.reporter}[who]
    with pytest.raises(holding.NotYours):
        reopen(report, person)


def test_the_page_reopens_and_says_who_acts_now() -> None:
    report, (_, _, _, chief, _), standards = closed()
    client, base = signed_in(standards), f"/standards/{report.reference}/"
    assert "reopen/" in client.get(base).content.decode()
    assert "Enter why it is reopened" in client.post(f"{base}reopen/", {"to": "next"}).content.decode()
    answer = client.post(f"{base}reopen/", {"to": "next", "reason": REASON}, follow=True).content.decode()
    assert f"The duty to act passed to {chief.name_and_unit}" in answer
    assert "reopen/" not in answer
    assert client.get(f"{base}reopen/").status_code == 302
    assert "holds the duty" in client.post(f"{base}reopen/", {"to": "next", "reason": REASON}).content.decode()


def test_the_page_exists_for_nobody_else() -> None:
    report, (_, _, inspector, *_), standards = closed()
    address = f"/standards/{report.reference}/reopen/"
    assert signed_in(inspector).get(address).status_code == 404
    assert Client().get(address).status_code == 302
    assert signed_in(standards).put(address).status_code == 405
    Exclusion.objects.create(report=report, person=standards, why=Excluded.NAMED)
    assert signed_in(standards).post(address, {"to": "desk", "reason": REASON}).status_code == 404


def test_a_report_closed_by_the_desk_is_offered_to_the_desk_alone() -> None:
    standards = standards_officer()
    report = send(a_line()[0], skip_line=True)
    acting.act(person=standards, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")
    page = signed_in(standards).get(f"/standards/{report.reference}/reopen/").content.decode()
    assert "next level" not in page
    assert 'value="desk"' in page
