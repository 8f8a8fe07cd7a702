from __future__ import annotations

from typing import Any

import pytest

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from reporting import acting, holding, opening, passing, saying, stepping_aside, taking_up
from reporting.choices import Excluded, MessageKind, Outcome
from reporting.escalation import lapsing
from reporting.models import Message, Report
from reporting.tests.making import age, chain, open_duty_of, send, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db
WORDS = "I have spoken to two people and see a third on Monday."


def heard(report: Report) -> list[str]:
    """What the reporter was told, by kind, in order; then forget it."""
    notices = Outbox.objects.filter(to=report.reporter).order_by("pk")
    kinds = list(notices.values_list("kind", flat=True))
    notices.delete()
    return kinds


def test_the_reporter_is_told_of_every_step_of_a_duty(people: list[Person], report: Report) -> None:
    constable, _, inspector, *_ = people
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    assert heard(report) == ["report.opened"]
    taking_up.take_up(person=inspector, report_id=report.pk)
    assert heard(report) == ["report.taken_up"]
    passing.pass_on(person=inspector, report_id=report.pk, to=PersonFactory(rank=30).pk, reason="She runs that team.")
    assert heard(report) == ["report.passed"]
    holder = open_duty_of(report).holder
    assert holder is not None
    stepping_aside.step_aside(person=holder, report_id=report.pk, reason="A friend of mine.")
    assert heard(report) == ["report.passed"]
    age(report, days=2)
    lapsing.fire_due()
    assert heard(report) == ["report.passed"]
    assert constable.pk == report.reporter_id


def test_the_reporter_is_told_why_the_duty_passed(report: Report) -> None:
    age(report, hours=3)
    lapsing.fire_due()
    assert "because the deadline to open was missed" in Outbox.objects.get(to=report.reporter, kind="report.passed").body


def test_the_reporter_is_told_of_each_deadline_that_the_post_misses(people: list[Person]) -> None:
    standards_officer()
    report = send(people[0], skip_line=True)
    age(report, days=4)
    lapsing.fire_due()
    lapsing.fire_due()
    assert heard(report) == ["report.overdue", "report.overdue"]
    bodies = Outbox.objects.filter(kind="report.overdue").values_list("body", flat=True)
    assert all(body.startswith("The professional standards desk did not ") for body in bodies)


def test_a_referral_tells_the_reporter_the_outcome_and_who_holds_the_duty_now(people: list[Person], report: Report) -> None:
    standards_officer()
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="It is a pattern.")
    assert heard(report) == ["report.opened", "report.acted", "report.passed"]


def test_the_reporter_is_told_of_a_late_record(people: list[Person], report: Report) -> None:
    age(report, hours=3)
    lapsing.fire_due()
    heard(report)
    acting.act_late(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    assert heard(report) == ["report.acted"]


def test_word_to_the_reporter_is_sealed_told_and_on_their_timeline(people: list[Person], report: Report) -> None:
    said = saying.tell_reporter(person=people[2], report_id=report.pk, words=WORDS)
    fact = Fact.objects.for_subject(report.subject).of_kind("reporter.told").get()
    assert said.kind == MessageKind.UPDATE
    assert "Monday" not in fact.facts + fact.sealed
    assert heard(report) == ["report.opened", "reporter.told"]
    (told,) = [event for event in timeline(report, viewer=people[0]) if event.detail == WORDS]
    assert told.text == f"{people[2].name_and_unit} wrote to you"


def test_word_to_the_reporter_moves_no_deadline(people: list[Person], report: Report) -> None:
    before = open_duty_of(report)
    saying.tell_reporter(person=people[2], report_id=report.pk, words=WORDS)
    assert open_duty_of(report).act_due_at == before.act_due_at


def test_notices_to_the_reporter_hold_none_of_the_words(people: list[Person], report: Report) -> None:
    saying.tell_reporter(person=people[2], report_id=report.pk, words=WORDS)
    assert not Outbox.objects.filter(body__contains="Monday").exists()


@pytest.mark.parametrize("who", ["reporter", "next", "sender"])
def test_nobody_but_the_holder_writes_to_the_reporter(people: list[Person], who: str) -> None:
    sender: Person = PersonFactory(rank=60)
    report = send(people[0], excluded={sender: Excluded.SENDER})
    with pytest.raises(holding.NotYours):
        saying.tell_reporter(
            person={"reporter": people[0], "next": people[3], "sender": sender}[who], report_id=report.pk, words=WORDS
        )  # fmt: skip
    assert not Message.objects.exists()


def test_whoever_lost_the_duty_writes_nothing_more(people: list[Person], report: Report) -> None:
    age(report, hours=3)
    with pytest.raises(holding.NotHolding):
        saying.tell_reporter(person=people[2], report_id=report.pk, words=WORDS)
    assert "deadline.missed" in chain(report)
    assert not Message.objects.exists()


def test_the_page_tells_the_reporter(client: Any, people: list[Person], report: Report) -> None:
    client.force_login(people[2])
    page = f"/duties/{report.reference}/tell/"
    assert "What do you want to tell them?" in client.get(page).content.decode()
    assert "Enter what you want to tell the reporter" in client.post(page, {"words": " "}).content.decode()
    assert client.post(page, {"words": WORDS}).headers["Location"] == f"/duties/{report.reference}/"
    assert Message.objects.get().kind == MessageKind.UPDATE
    assert client.put(page).status_code == 405


def test_the_page_keeps_what_was_typed_when_the_duty_has_gone(client: Any, people: list[Person], report: Report) -> None:
    client.force_login(people[2])
    age(report, hours=3)
    answer = client.post(f"/duties/{report.reference}/tell/", {"words": WORDS}).content.decode()
    assert "The duty passed to" in answer
    assert WORDS in answer


def test_whoever_is_not_signed_in_is_asked_to(client: Any, report: Report) -> None:
    assert "/accounts/login/" in client.get(f"/duties/{report.reference}/tell/").headers["Location"]
