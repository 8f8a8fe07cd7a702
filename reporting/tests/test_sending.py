from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.models import Item
from portal.vault.sealing import read_text
from reporting import contents, sending
from reporting.choices import DutyState, Excluded
from reporting.desk.links import group_digest
from reporting.drafts import drafting
from reporting.escalation.ladder import NoPolicy
from reporting.models import Draft, Duty, EscalationPolicy, Exclusion, Report
from reporting.tests.reporters import a_draft, at_desk, force, full_draft, sent

pytestmark = pytest.mark.django_db


def test_sending_passes_the_duty_to_the_first_inspector_in_the_line() -> None:
    constable, _, inspector, *_ = force()
    report = sent(constable)
    duty = Duty.objects.get(report=report)
    assert (duty.holder, duty.seq, duty.level, duty.state) == (inspector, 1, 1, DutyState.SENT)
    assert duty.from_at == report.sent_at
    assert duty.open_due_at > duty.from_at


def test_sending_writes_two_facts_and_nothing_private_in_them() -> None:
    constable, _, inspector, *_ = force()
    report = sent(constable, sender_person=str(inspector.pk))
    facts = list(Fact.objects.for_subject(report.subject))
    assert [fact.kind for fact in facts] == ["report.sent", "duty.passed"]
    assert {"message", "group_name", "answers", "excluded"} == json.loads(facts[0].sealed).keys()
    everything = facts[0].leaf + facts[1].leaf
    assert "words that were sent" not in everything
    assert str(inspector.pk) not in everything
    assert report.reference not in everything


def test_sending_takes_few_round_trips(django_assert_max_num_queries: Any) -> None:
    constable = force()[0]
    draft = full_draft(constable)
    with django_assert_max_num_queries(17):
        sending.send_report(reporter=constable, draft_id=draft.pk)


def test_sending_tells_the_holder_and_the_reporter() -> None:
    constable, _, inspector, *_ = force()
    report = sent(constable)
    told = {notice.to_id: notice for notice in Outbox.objects.all()}
    assert told.keys() == {constable.pk, inspector.pk}
    assert told[inspector.pk].link == f"/duties/{report.reference}/"
    assert constable.last_name not in told[inspector.pk].body
    assert told[constable.pk].link == f"/reports/{report.reference}/"


def test_what_was_sent_can_be_read_back() -> None:
    constable = force()[0]
    other = PersonFactory()
    said = contents.read(sent(constable, named=[str(other.pk)], sender_name="A nickname"))
    assert said.message == "The words that were sent"
    assert said.named == [other]
    assert {"key": "Who sent it", "value": "Not known\nA nickname"} in said.people_rows()
    assert {"key": "Group name", "value": "Team 4 banter"} in said.message_rows()


def test_the_draft_and_what_was_typed_into_it_are_gone_after_sending() -> None:
    constable = force()[0]
    report = sent(constable)
    assert not Draft.objects.exists()
    assert not Item.objects.filter(container_id=report.container, name="draft").exists()


def test_sending_twice_returns_the_same_report() -> None:
    constable = force()[0]
    draft = full_draft(constable)
    first = sending.send_report(reporter=constable, draft_id=draft.pk)
    assert sending.send_report(reporter=constable, draft_id=draft.pk) == first
    assert Duty.objects.count() == 1
    assert Fact.objects.for_subject(first.subject).count() == 2


def test_a_report_needs_every_page() -> None:
    constable = force()[0]
    with pytest.raises(sending.NotReady) as refused:
        sending.send_report(reporter=constable, draft_id=a_draft(constable).pk)
    assert refused.value.page == "message"
    assert not Report.objects.exists()


def test_nobody_can_send_a_colleagues_draft() -> None:
    constable = force()[0]
    draft = full_draft(constable)
    with pytest.raises(drafting.DraftGone):
        sending.send_report(reporter=PersonFactory(), draft_id=draft.pk)
    assert Draft.objects.filter(pk=draft.pk).exists()


def test_the_sender_never_holds_the_duty() -> None:
    constable, _, inspector, chief, _ = force()
    report = sent(constable, sender_person=str(inspector.pk))
    assert Duty.objects.get(report=report).holder == chief
    assert Exclusion.objects.get(report=report, person=inspector).why == Excluded.SENDER


def test_people_named_in_the_report_never_hold_the_duty() -> None:
    constable, _, inspector, chief, superintendent = force()
    report = sent(constable, named=[str(inspector.pk), str(chief.pk)])
    assert Duty.objects.get(report=report).holder == superintendent


def test_a_manager_in_the_group_sends_the_report_straight_to_the_desk() -> None:
    constable = force()[0]
    report = sent(constable, managers="yes")
    duty = Duty.objects.get(report=report)
    assert duty.post is not None
    assert len(report.ladder) == 1


def test_a_member_of_the_desk_who_is_named_is_not_told() -> None:
    constable = force()[0]
    named, told = at_desk(PersonFactory()), at_desk(PersonFactory())
    sent(constable, managers="yes", named=[str(named.pk)])
    assert set(Outbox.objects.values_list("to", flat=True)) == {constable.pk, told.pk}


def test_somebody_at_risk_shortens_the_deadline() -> None:
    constable = force()[0]
    calm, urgent = sent(constable), sent(constable, at_risk_now=True, risk="A child")
    times = {duty.report_id: duty.act_due_at - duty.from_at for duty in Duty.objects.all()}
    assert times[urgent.pk] < times[calm.pk]
    assert read_text(urgent.container, "risk") == {"risk": "A child"}


def test_without_a_policy_nothing_is_sent_and_the_draft_stays() -> None:
    constable = force()[0]
    draft = full_draft(constable)
    EscalationPolicy.objects.update(in_force=False)
    with pytest.raises(NoPolicy, match="administrator"):
        sending.send_report(reporter=constable, draft_id=draft.pk)
    assert Draft.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize("broken", ["append_all", "put_all", "seal"])
def test_a_failure_leaves_nothing_half_written(broken: str, monkeypatch: pytest.MonkeyPatch) -> None:
    constable = force()[0]
    draft = full_draft(constable)

    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError("injected")

    monkeypatch.setattr(sending, broken, fail)
    with pytest.raises(ConnectionError):
        sending.send_report(reporter=constable, draft_id=draft.pk)
    assert not Report.objects.exists()
    assert not Duty.objects.exists()
    assert not Outbox.objects.exists()
    assert drafting.read_pages(Draft.objects.get(pk=draft.pk)).keys() == {"message", "people", "response"}


def test_a_reference_drawn_twice_is_drawn_again(monkeypatch: pytest.MonkeyPatch) -> None:
    constable = force()[0]
    first = sent(constable)
    drawn = iter([first.reference, "MR-2222-2222"])
    monkeypatch.setattr(sending, "new_reference", lambda: next(drawn))
    assert sent(constable).reference == "MR-2222-2222"


def test_the_promise_names_who_would_hold_the_duty_and_who_follows() -> None:
    constable, _, inspector, chief, superintendent = force()
    draft = full_draft(constable)
    found = sending.promise(reporter=constable, planned=sending.plan(constable, sending.all_answers(draft)))
    assert [one.found.person for one in found] == [inspector, chief, superintendent, None]
    assert found[0].open_due_at - found[0].begins < timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_two_presses_at_once_send_one_report(together: Callable[..., list[Any]]) -> None:
    constable = force()[0]
    draft = full_draft(constable)
    me = Person.objects.get(pk=constable.pk)
    first, second = together(*[lambda: sending.send_report(reporter=me, draft_id=draft.pk)] * 2)
    assert first == second
    assert Report.objects.count() == 1
    assert Duty.objects.count() == 1


def test_the_time_in_the_report_is_the_databases() -> None:
    constable = force()[0]
    report = sent(constable)
    assert Fact.objects.for_subject(report.subject)[0].at >= report.sent_at
    assert uuid.UUID(str(report.pk)).version == 4


def test_the_group_is_kept_as_a_digest_by_which_reports_of_one_group_are_told() -> None:
    constable, *_ = force()
    report = sent(constable)
    report.refresh_from_db()
    assert report.group_digest == group_digest("TEAM 4  Banter")
    assert "banter" not in report.group_digest
