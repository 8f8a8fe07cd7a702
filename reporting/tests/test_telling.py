from __future__ import annotations

import pytest

from portal.notices.delivering import deliver_batch
from portal.people.leaving import holdings
from portal.record.models import Fact
from reporting import telling, waiting
from reporting.choices import DutyState
from reporting.models import Duty
from reporting.tests.making import a_line, age, open_duty_of, send, standards_officer

pytestmark = pytest.mark.django_db


def test_a_delivered_notice_is_when_the_holder_was_told_and_moves_nothing() -> None:
    report = send(a_line()[0])
    deliver_batch()
    duty = open_duty_of(report)
    assert duty.told_at is not None
    assert (duty.state, duty.next_due_at) == (DutyState.SENT, duty.open_due_at)
    assert Fact.objects.of_kind("duty.told").count() == 1


def test_a_desk_is_told_once_when_its_first_member_is() -> None:
    standards_officer()
    standards_officer()
    report = send(a_line()[0], skip_line=True)
    deliver_batch()
    assert open_duty_of(report).told_at is not None
    assert Fact.objects.of_kind("duty.told").count() == 1


@pytest.mark.parametrize("dedupe", ["duty:0", "duty:", "duty:abc", "duty:99999999999999999999:x"])
def test_a_key_that_names_no_duty_changes_nothing(dedupe: str) -> None:
    send(a_line()[0])
    telling.told(dedupe, Duty.objects.get().from_at)
    assert Duty.objects.get().told_at is None


def test_what_waits_on_the_front_page_is_the_most_urgent_in_one_query(django_assert_num_queries: object) -> None:
    constable, _, inspector, *_ = a_line()
    reports = [send(constable) for _ in range(6)]
    age(reports[3], minutes=60)
    with django_assert_num_queries(1):  # type: ignore[operator]
        waits = waiting.duties_of(inspector)
    assert (len(waits), waits[0].reference) == (5, reports[3].reference)


def test_what_a_leaver_holds_passes_on_by_itself_so_nobody_is_asked_to_hand_it_on() -> None:
    constable, _, inspector, *_ = a_line()
    send(constable)
    send(constable)
    assert not [holding for holding in holdings({inspector.pk, constable.pk}) if "report" in holding.what]
