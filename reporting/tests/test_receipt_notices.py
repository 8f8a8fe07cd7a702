"""Everybody who has a new receipt of what they did, or what happened to their report, is told of it, once, and nobody else is."""

from __future__ import annotations

import uuid

import pytest
from django.core import mail

from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State, When
from portal.notices.tests.making import choose
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.receipts import kinds
from portal.record.appending import person_actor
from portal.record.models import Fact
from reporting import acting, adding, asking, opening, passing, reopening, stepping_aside, taking_up
from reporting.choices import Excluded, Outcome
from reporting.desk.undelivered import KEPT_BACK, lines, undelivered
from reporting.escalation import lapsing
from reporting.models import Exclusion, Report
from reporting.reopening import Level
from reporting.tests.making import age, send, standards_officer

pytestmark = pytest.mark.django_db


def ready(person: Person) -> list[str]:
    """What the notices of receipts to this person say, in order."""
    notices = Outbox.objects.filter(to=person, kind="receipt.ready").order_by("pk")
    return [notice.body.removesuffix(". The receipt proves it, also without the portal.") for notice in notices]


def untold(person: Person, report: Report) -> list[str]:
    """What this person did about the report, has a receipt of and was not told of."""
    did = Fact.objects.for_subject(report.subject).filter(actor=person_actor(person))
    told = {notice.link: notice.body for notice in Outbox.objects.filter(to=person, kind="receipt.ready")}
    offers = [offer for fact in did if (offer := kinds.offer(person, fact.pk)) is not None]
    return [offer.title for offer in offers if not told.get(f"/receipts/{offer.fact.pk}/", "").startswith(offer.title)]


def act(person: Person, report: Report, outcome: Outcome = Outcome.LOCAL) -> None:
    acting.act(person=person, report_id=report.pk, outcome=outcome, reasons="Spoke to them.")


def test_whoever_opens_takes_up_and_passes_a_duty_is_told_of_each_receipt(people: list[Person], report: Report) -> None:
    inspector, other = people[2], PersonFactory(rank=30)
    taking_up.take_up(person=inspector, report_id=report.pk)
    passing.pass_on(person=inspector, report_id=report.pk, to=other.pk, reason="She runs that team.")
    act(other, report)
    name = report.reference
    assert ready(inspector) == [
        f"You opened report {name}",
        f"You took report {name} up",
        f"You passed the duty to act on report {name} to {other.name_and_unit}",
    ]
    assert ready(other) == [f"You opened report {name}", f"You recorded what you did about report {name}"]
    assert [untold(person, report) for person in (inspector, other)] == [[], []]


def test_looking_again_makes_no_receipt_and_no_notice(people: list[Person], report: Report) -> None:
    for _ in range(3):
        opening.open_duty(person=people[2], report_id=report.pk, why="duty")
        taking_up.take_up(person=people[2], report_id=report.pk)
    assert len(ready(people[2])) == 2


def test_a_referral_is_one_notice_of_both_its_receipts(people: list[Person], report: Report) -> None:
    standards_officer()
    act(people[2], report, Outcome.STANDARDS)
    assert ready(people[2])[1:] == [f"You recorded what you did about report {report.reference}, and referred it to professional standards"]


def test_who_missed_a_deadline_is_told_of_the_lapse_and_of_their_late_record(people: list[Person], report: Report) -> None:
    age(report, hours=3)
    lapsing.fire_due()
    acting.act_late(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Did it.")
    assert "Your receipt is at" in Outbox.objects.get(to=people[2], kind="deadline.missed").body
    assert ready(people[2]) == [f"You recorded what you did about report {report.reference}"]


def test_the_reporter_is_told_of_the_receipts_of_what_they_add_and_answer(people: list[Person], report: Report) -> None:
    adding.add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="One more thing.")
    question = asking.ask(person=people[2], report_id=report.pk, question="Who was there?")
    adding.answer_question(reporter=people[0], report_id=report.pk, question_id=question.pk, text="Nobody.")
    name = report.reference
    assert ready(people[0]) == [f"You added to report {name}", f"You answered a question about report {name}"]


def test_where_the_desk_keeps_the_duty_the_reporter_is_told_who_stepped_aside_and_who_did_has_no_receipt(people: list[Person]) -> None:
    one, _ = standards_officer(), standards_officer()
    report = send(people[0], skip_line=True)
    opening.open_duty(person=one, report_id=report.pk, why="duty")
    stepping_aside.step_aside(person=one, report_id=report.pk, reason="A friend of mine.")
    told = Outbox.objects.get(to=people[0], kind="report.stepped_aside")
    assert told.body.startswith(f"{one.name_and_unit} stepped aside from your report {report.reference}.")
    assert "Your receipt is at" in told.body
    aside = Fact.objects.of_kind("duty.stepped_aside").get()
    assert (kinds.offer(people[0], aside.pk) is not None, kinds.offer(one, aside.pk)) == (True, None)


def test_a_receipt_is_not_told_to_who_must_not_know_of_the_report_any_more(people: list[Person], report: Report) -> None:
    opening.open_duty(person=people[2], report_id=report.pk, why="duty")
    Exclusion.objects.create(report=report, person=people[2], why=Excluded.DECLARED)
    deliver_batch()
    notice = Outbox.objects.get(to=people[2], kind="receipt.ready")
    assert (notice.state, notice.last_error) == (State.WITHHELD, "must not know of the report")


@pytest.mark.parametrize(("to", "count"), [(Level.NEXT, 0), (Level.DESK, 1)])
def test_who_reopens_a_report_is_told_where_they_have_a_receipt_of_it(people: list[Person], report: Report, to: Level, count: int) -> None:
    standards = standards_officer()
    act(people[2], report)
    reopening.reopen(person=standards, report_id=report.pk, to=to, reason="There was more.")
    passed = Fact.objects.of_kind("duty.passed").latest("pk")
    assert (kinds.offer(standards, passed.pk) is not None) == bool(count)
    assert len(ready(standards)) == count


def test_who_wants_no_notices_of_receipts_gets_none_and_is_told_of_duties_all_the_same(people: list[Person], report: Report) -> None:
    choose(people[2], groups={"receipts": When.NEVER})
    opening.open_duty(person=people[2], report_id=report.pk, why="duty")
    deliver_batch()
    assert Outbox.objects.get(to=people[2], kind="receipt.ready").state == State.MUTED
    assert [letter.subject for letter in mail.outbox if letter.to == [people[2].email]] == [
        f"You hold the duty to act on report {report.reference}"
    ]


def test_a_receipt_that_nobody_could_be_told_of_is_shown_as_one_about_its_report(people: list[Person]) -> None:
    officer, accused = standards_officer(), standards_officer()
    report = send(people[0], confidential=True, excluded={accused: Excluded.SENDER})
    adding.add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="One more thing.")
    Outbox.objects.filter(kind="receipt.ready").update(state=State.FAILED)
    assert [(one.to, one.reference) for one in lines(undelivered(officer))] == [(KEPT_BACK, report.reference)]
    assert not undelivered(accused).exists()
