from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest.mock import patch

import pytest
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import desk
from portal.record.models import Fact
from reporting import opening
from reporting.choices import Deadline, DutyState, Why
from reporting.escalation import lapsing
from reporting.models import Duty, Lapse, Report
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


def sweep_to_the_post(report: Report) -> None:
    for _ in range(3):
        age(report, days=1)
        lapsing.fire_due()


def test_nothing_fires_before_its_time() -> None:
    report = send(a_line()[0])
    age(report, minutes=119)
    assert lapsing.fire_due() == 0
    assert chain(report) == ["report.sent", "duty.passed"]


def test_a_missed_opening_passes_the_duty_up_and_says_so_once() -> None:
    constable, _, inspector, chief, _ = a_line()
    report = send(constable)
    age(report, minutes=130)
    assert [lapsing.fire_due(), lapsing.fire_due()] == [1, 0]
    first, second = Duty.objects.filter(report=report).order_by("seq")
    assert (first.holder, first.state, first.next_due_at) == (inspector, DutyState.LAPSED, None)
    assert (second.holder, second.state, second.why, second.level) == (chief, DutyState.SENT, Why.OPEN_MISSED, 2)
    assert first.ended_at == second.from_at
    assert chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed"]


def test_a_missed_act_passes_the_duty_up() -> None:
    constable, _, inspector, _, _ = a_line()
    report = send(constable)
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    age(report, minutes=1441)
    lapsing.fire_due()
    lapse = Lapse.objects.get()
    assert (lapse.deadline, open_duty_of(report).why) == (Deadline.ACT, Why.ACT_MISSED)


def test_the_fact_keeps_when_it_was_due_and_when_it_fired() -> None:
    report = send(a_line()[0])
    age(report, hours=3)
    lapsing.fire_due()
    lapse, fact = Lapse.objects.get(), Fact.objects.of_kind("deadline.missed").get()
    assert lapse.fired_at - lapse.due_at >= timedelta(hours=1)
    assert fact.actor == "process:clock"
    assert fact.data["due_at"] < fact.data["fired_at"]


def test_deadlines_of_the_next_holder_run_from_when_it_passed() -> None:
    report = send(a_line()[0])
    age(report, days=9)
    assert lapsing.fire_due() == 1
    duty = open_duty_of(report)
    assert duty.open_due_at - duty.from_at == timedelta(minutes=60)
    assert duty.open_due_at > timezone.now()
    assert Lapse.objects.count() == 1


def test_the_post_at_the_top_keeps_the_duty_and_both_lapses_are_kept() -> None:
    report = send(a_line()[0])
    sweep_to_the_post(report)
    age(report, days=3)
    assert [lapsing.fire_due(), lapsing.fire_due()] == [1, 0]
    duty = open_duty_of(report)
    assert (duty.post is not None, duty.next_due_at, duty.state) == (True, None, DutyState.SENT)
    assert set(duty.lapses.values_list("deadline", flat=True)) == {Deadline.OPEN, Deadline.ACT}


def test_the_post_watches_its_deadline_to_act_after_missing_the_one_to_open() -> None:
    report = send(a_line()[0])
    sweep_to_the_post(report)
    age(report, hours=5)
    lapsing.fire_due()
    duty = open_duty_of(report)
    assert (duty.next_due_at, duty.lapses.get().deadline) == (duty.act_due_at, Deadline.OPEN)
    age(report, hours=48)
    lapsing.fire_due()
    assert open_duty_of(report).lapses.count() == 2


def test_the_next_holder_the_last_one_and_the_reporter_are_told_and_nobody_else_is() -> None:
    constable, _, _, chief, _ = a_line()
    report = send(constable)
    lost = open_duty_of(report).holder
    Outbox.objects.all().delete()
    age(report, hours=3)
    lapsing.fire_due()
    assert {notice.to for notice in Outbox.objects.all()} == {constable, chief, lost}
    assert "receipt" in Outbox.objects.get(to=lost).body


def test_whoever_left_is_told_nothing_of_the_deadline_they_missed() -> None:
    constable, *_ = a_line()
    report = send(constable)
    lost = open_duty_of(report).holder
    assert lost is not None
    Person.objects.filter(pk=lost.pk).update(is_active=False)
    Outbox.objects.all().delete()
    age(report, hours=3)
    lapsing.fire_due()
    assert not Outbox.objects.filter(to=lost).exists()


def test_members_of_the_post_who_are_excluded_are_not_told() -> None:
    constable, *_ = a_line()
    accused, free = standards_officer(), standards_officer()
    report = send(constable, excluded={accused: "sender"}, skip_line=True)  # type: ignore[dict-item]
    age(report, hours=5)
    lapsing.fire_due()
    assert {notice.to for notice in Outbox.objects.all()} == {constable, free}


def test_leavers_and_former_holders_are_not_picked() -> None:
    constable, _, _, chief, superintendent = a_line()
    Person.objects.filter(pk=chief.pk).update(is_active=False)
    report = send(constable)
    age(report, hours=3)
    lapsing.fire_due()
    assert open_duty_of(report).holder == superintendent


def test_many_are_fired_with_as_many_queries_as_few(django_assert_max_num_queries: Any) -> None:
    desk()
    for report in [send(a_line()[0]) for _ in range(8)]:
        age(report, hours=3)
    with django_assert_max_num_queries(20):
        assert lapsing.fire_due() == 8
    assert Lapse.objects.count() == 8


def test_no_more_than_asked_for_are_fired() -> None:
    for report in [send(a_line()[0]) for _ in range(3)]:
        age(report, hours=3)
    assert [lapsing.fire_due(most=2), lapsing.fire_due(most=2)] == [2, 1]


def test_one_report_that_cannot_be_routed_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = send(a_line()[0]), send(a_line()[0])
    Report.objects.filter(pk=broken.pk).update(ladder=[])
    age(broken, hours=3)
    age(whole, hours=3)
    lapsing.fire_due()
    assert list(Lapse.objects.values_list("duty__report", flat=True)) == [whole.pk]
    assert "could not be passed on" in caplog.text


@pytest.mark.parametrize("part", ["append_unread", "put_all"])
def test_a_failure_on_the_way_leaves_nothing_half_written(part: str) -> None:
    report = send(a_line()[0])
    age(report, hours=3)
    with patch(f"reporting.escalation.lapsing.{part}", side_effect=RuntimeError), pytest.raises(RuntimeError):
        lapsing.fire_due()
    assert (Lapse.objects.count(), Duty.objects.count(), chain(report)) == (0, 1, ["report.sent", "duty.passed"])


def test_one_report_whose_lapse_postgresql_refuses_stops_no_other(caplog: pytest.LogCaptureFixture) -> None:
    broken, whole = send(a_line()[0]), send(a_line()[0])
    age(broken, hours=3)
    age(whole, hours=3)
    duty = open_duty_of(broken)
    Lapse.objects.create(duty=duty, deadline=Deadline.OPEN, due_at=duty.open_due_at, fired_at=timezone.now())
    lapsing.fire_due()
    assert open_duty_of(whole).why == Why.OPEN_MISSED
    assert open_duty_of(broken) == duty
    assert "could not be passed on" in caplog.text
