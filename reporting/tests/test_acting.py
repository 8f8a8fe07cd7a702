from __future__ import annotations

from unittest.mock import patch

import pytest

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.sealing import read_text
from reporting import acting, holding
from reporting.choices import DutyState, Outcome, ReportState, Why
from reporting.escalation import lapsing
from reporting.models import Decision, Duty, Report
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer, the_desk

pytestmark = pytest.mark.django_db


def act(person: Person, report: Report, outcome: Outcome = Outcome.LOCAL) -> Decision:
    return acting.act(person=person, report_id=report.pk, outcome=outcome, reasons="Spoke to them.", shared="It was dealt with.")


def test_acting_ends_the_duty_and_the_reporter_is_told() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    decision = act(inspector, report)
    report.refresh_from_db()
    assert (report.state, decision.late, decision.duty.state) == (ReportState.ACTED, False, DutyState.ACTED)
    assert Outbox.objects.get(kind="report.acted").to == constable


def test_reasons_are_sealed_and_the_fact_holds_no_words() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    duty = act(inspector, report).duty
    fact = Fact.objects.of_kind("duty.acted").get()
    assert "Spoke" not in fact.facts + fact.sealed
    kept = read_text(report.container, f"reasons-{duty.pk}", f"shared-{duty.pk}")
    assert list(kept.values()) == ["Spoke to them.", "It was dealt with."]


def test_a_referral_leaves_the_report_open_with_the_desk() -> None:
    constable, _, inspector, *_ = a_line()
    member = standards_officer()
    report = send(constable)
    act(inspector, report, Outcome.STANDARDS)
    report.refresh_from_db()
    duty = open_duty_of(report)
    assert (report.state, duty.post, duty.why, duty.level) == (ReportState.OPEN, the_desk(), Why.REFERRED, 4)
    assert Outbox.objects.filter(to=member, kind="duty.passed").exists()


def test_acting_past_the_deadline_is_refused_in_words_and_the_lapse_is_kept() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    age(report, hours=3)
    with pytest.raises(holding.NotHolding, match="Nothing was changed"):
        act(inspector, report)
    assert (open_duty_of(report).holder, Decision.objects.count()) == (chief, 0)


def test_a_colleague_at_the_desk_who_came_too_late_reads_who_acted() -> None:
    one, other = standards_officer(), standards_officer()
    report = send(a_line()[0], skip_line=True)
    act(one, report)
    with pytest.raises(holding.NotHolding, match=f"{one.name}.* recorded what they did at .* Nothing was changed"):
        act(other, report)


def test_what_a_former_holder_did_is_kept_as_late_and_moves_nothing() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    age(report, hours=3)
    lapsing.fire_due()
    decision = acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Did it.")
    assert (decision.late, decision.duty.state, open_duty_of(report).holder) == (True, DutyState.LAPSED, chief)
    assert {notice.to for notice in Outbox.objects.filter(kind__in=["duty.acted_late", "report.acted"])} == {chief, constable}
    assert chain(report)[-1] == "duty.acted_late"


def test_a_late_record_is_made_once() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    age(report, hours=3)
    lapsing.fire_due()
    acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Did it.")
    with pytest.raises(holding.NotHolding):
        acting.act_late(person=inspector, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Did it.")


def test_the_post_acting_late_closes_the_report_and_is_marked_late() -> None:
    member, report = standards_officer(), send(a_line()[0], skip_line=True)
    age(report, days=4)
    decision = act(member, report)
    report.refresh_from_db()
    assert (decision.late, report.state, decision.duty.lapses.count()) == (True, ReportState.ACTED, 2)


def test_nobody_acts_on_a_report_that_was_acted_on() -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    act(inspector, report)
    with pytest.raises(holding.NotHolding, match=r"You recorded what you did at .*\. Nothing was changed"):
        act(inspector, report)


def test_a_stranger_cannot_act() -> None:
    report = send(a_line()[0])
    with pytest.raises(holding.NotYours):
        act(PersonFactory(rank=60), report)


def test_a_desk_member_who_is_excluded_cannot_act() -> None:
    member = standards_officer()
    report = send(a_line()[0], excluded={member: "named"}, skip_line=True)  # type: ignore[dict-item]
    with pytest.raises(holding.NotYours):
        act(member, report)


@pytest.mark.parametrize("part", ["append_all", "put_all"])
def test_a_failure_on_the_way_leaves_nothing_half_written(part: str) -> None:
    constable, _, inspector, *_ = a_line()
    report = send(constable)
    with patch(f"reporting.acting.{part}", side_effect=RuntimeError), pytest.raises(RuntimeError):
        act(inspector, report)
    assert (Decision.objects.count(), Duty.objects.get().state, chain(report)) == (0, DutyState.SENT, ["report.sent", "duty.passed"])
