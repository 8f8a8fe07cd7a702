"""Notices about reports on their way out: who must not get one any more, which nothing holds, and that none says what a report says."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail

from portal.notices.delivering import deliver_batch
from portal.notices.kinds import group_of
from portal.notices.models import Outbox, State
from portal.people.models import PostMember
from portal.record.models import Fact
from reporting import adding, notice_kinds
from reporting.choices import Excluded
from reporting.models import Duty, Exclusion, Report
from reporting.tests.making import a_line, send, standards_officer

pytestmark = pytest.mark.django_db


@pytest.fixture
def report() -> Report:
    standards_officer()
    constable, *_ = a_line()
    return send(constable)


def notice_of(report: Report, kind: str = "duty.passed") -> Outbox:
    return Outbox.objects.get(kind=kind, link__contains=report.reference)


def test_somebody_excluded_between_a_notice_and_its_delivery_does_not_get_it(report: Report) -> None:
    notice = notice_of(report)
    Exclusion.objects.create(report=report, person=notice.to, why=Excluded.NAMED)
    deliver_batch()
    assert not [letter for letter in mail.outbox if letter.to == [notice.to.email]]
    assert (notice_of(report).state, notice_of(report).last_error) == (State.WITHHELD, "must not know of the report")
    assert Duty.objects.get().told_at is None


def test_somebody_who_left_between_a_notice_and_its_delivery_does_not_get_it(report: Report) -> None:
    notice = notice_of(report)
    notice.to.is_active = False
    notice.to.save()
    deliver_batch()
    assert notice_of(report).state == State.WITHHELD
    assert not Fact.objects.of_kind("duty.told").exists()


def test_a_member_who_left_the_desk_before_delivery_is_not_told_for_it() -> None:
    member = standards_officer()
    constable, *_ = a_line()
    report = send(constable, skip_line=True)
    PostMember.objects.filter(person=member).delete()
    deliver_batch()
    assert notice_of(report).state == State.WITHHELD
    assert Duty.objects.get().told_at is None


def test_the_holder_is_told_when_the_mail_server_takes_it(report: Report) -> None:
    deliver_batch()
    notice = notice_of(report)
    assert Duty.objects.get().told_at == notice.sendings.get().at


def test_the_reporter_gets_notices_of_their_own_report(report: Report) -> None:
    notice = Outbox(to=report.reporter, kind="report.passed", link=f"/reports/{report.reference}/", subject="", dedupe="x")
    assert notice_kinds.withheld(notice) == ""
    notice.link = f"/duties/{report.reference}/"
    assert notice_kinds.withheld(notice) == "must not know of the report"


def test_a_duty_of_a_report_with_somebody_at_risk_is_urgent_and_another_is_not() -> None:
    standards_officer()
    constable, *_ = a_line()
    urgent, plain = send(constable, at_risk_now=True), send(constable)
    notices = list(Outbox.objects.filter(kind="duty.passed"))
    assert notice_kinds.urgent(notices) == {notice_of(urgent).pk}
    assert notice_of(plain).pk not in notice_kinds.urgent(notices)


def test_what_a_reporter_writes_where_somebody_is_at_risk_waits_for_no_quiet_hours_of_its_holder() -> None:
    standards_officer()
    constable, *_ = a_line()
    urgent, plain = send(constable, at_risk_now=True), send(constable)
    for report in (urgent, plain):
        adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="He is outside now.")
    assert notice_kinds.urgent(list(Outbox.objects.filter(kind="report.added"))) == {notice_of(urgent, "report.added").pk}


def test_a_missed_promise_where_somebody_is_at_risk_wakes_whoever_has_to_act_and_not_its_reporter() -> None:
    constable, inspector = a_line()[0], a_line()[2]
    report = send(constable, at_risk_now=True)
    kept = {"kind": "promise.missed", "subject": "", "body": ""}
    theirs = Outbox.objects.create(to=constable, link=f"/reports/{report.reference}/", dedupe="theirs", **kept)
    holders = Outbox.objects.create(to=inspector, link=f"/duties/{report.reference}/", dedupe="holders", **kept)
    assert notice_kinds.urgent([theirs, holders]) == {holders.pk}


def test_word_of_a_report_comes_as_its_reporter_chose_for_their_reports() -> None:
    assert {group_of(kind).code for kind in ("report.passed", "report.asked", "reporter.told")} == {"reports"}
