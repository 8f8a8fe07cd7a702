from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.models import F
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.sealing import Erased
from reporting import acting, adding, disputing, holding, opening
from reporting.agreement.agreeing import disagreements
from reporting.choices import DutyState, Excluded, Outcome, ReportState, Why
from reporting.lines import line
from reporting.models import Dispute, Duty, Promise, Report
from reporting.promises import breaking
from reporting.statements import intervals, parts
from reporting.statements.wording import Voice
from reporting.tests.browsing import signed_in, text
from reporting.tests.making import chain, open_duty_of, send, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db
REASON = "Nobody spoke to me, and the group is still there."


@pytest.fixture
def report(people: list[Person]) -> Report:
    """Closed by its inspector."""
    return closed_by(people[2], send(people[0]))


def closed_by(holder: Person, report: Report) -> Report:
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.NO_ACTION, reasons="It was a joke.")
    report.refresh_from_db()
    return report


def dispute(report: Report) -> Duty:
    return disputing.dispute(reporter=report.reporter, report_id=report.pk, reason=REASON)


def test_a_disputed_report_goes_to_the_level_above_the_one_that_closed_it(people: list[Person], report: Report) -> None:
    duty = dispute(report)
    report.refresh_from_db()
    assert (duty.holder, duty.level, duty.why, duty.seq) == (people[3], 2, Why.DISPUTED, 2)
    assert (report.state, Duty.objects.get(report=report, seq=1).state) == (ReportState.OPEN, DutyState.REOPENED)
    assert chain(report)[-2:] == ["closure.disputed", "duty.passed"]
    assert list(disagreements()) == []


def test_whoever_disputes_is_not_said_to_pass_the_duty_on(people: list[Person], report: Report) -> None:
    dispute(report)
    client = signed_in(report.reporter)
    listed = client.get("/receipts/").content.decode()
    assert "You passed the duty" not in listed
    assert listed.count("The duty to act on it passed to") == 2


def test_a_report_can_be_disputed_once_and_the_second_closure_stands(people: list[Person], report: Report) -> None:
    dispute(report)
    closed_by(people[3], report)
    with pytest.raises(disputing.CannotDispute, match="can be disputed once"):
        dispute(report)
    with pytest.raises(IntegrityError), transaction.atomic():
        Dispute.objects.create(report=report, against=report.duties.get(seq=2), at=report.sent_at)


def test_an_open_report_cannot_be_disputed_and_neither_can_one_after_its_time(people: list[Person], report: Report) -> None:
    with pytest.raises(disputing.CannotDispute, match="once it is recorded"):
        dispute(send(people[0]))
    Duty.objects.filter(report=report).update(acted_at=F("acted_at") - timedelta(days=28))
    with pytest.raises(disputing.CannotDispute, match="could be disputed until"):
        dispute(report)
    assert not Dispute.objects.exists()


def test_the_time_to_dispute_is_that_of_the_terms_it_was_sent_under(people: list[Person], report: Report) -> None:
    Promise.objects.filter(report=report, seq=1).update(terms={"hours": 672, "days": 40, "calendar": ""})
    Duty.objects.filter(report=report).update(acted_at=F("acted_at") - timedelta(days=30))
    assert dispute(report).seq == 2


def test_the_reason_is_sealed_and_read_by_the_next_holder_and_the_reporter(people: list[Person], report: Report) -> None:
    dispute(report)
    fact = Fact.objects.for_subject(report.subject).of_kind("closure.disputed").get()
    assert "group is still" not in fact.facts + fact.sealed
    for reader in (people[0], people[3]):
        assert REASON in {event.detail for event in timeline(report, viewer=reader)}


def test_the_page_of_the_next_holder_begins_with_the_dispute_until_they_take_it_up(people: list[Person], report: Report) -> None:
    dispute(report)
    client, page = signed_in(people[3]), f"/duties/{report.reference}/"
    said = f"The reporter disputed what {people[2].name_and_unit} did at"
    assert [said in text(client.get(page)) for _ in range(2)] == [True, True]
    client.post(f"{page}take-up/")
    assert said not in text(client.get(page))
    assert "The reporter disputed what you did at" not in text(signed_in(people[2]).get(page))


def test_the_page_never_names_a_reporter_whose_name_is_kept_back_where_it_begins_with_their_dispute(people: list[Person]) -> None:
    report = closed_by(people[2], send(people[0], confidential=True))
    dispute(report)
    page = text(signed_in(people[3]).get(f"/duties/{report.reference}/"))
    assert f"The reporter disputed what {people[2].name_and_unit} did at" in page
    assert people[0].name not in page


def test_what_the_reporter_added_is_said_first_until_the_holder_does_something(people: list[Person]) -> None:
    report = send(people[0])
    client, page = signed_in(people[2]), f"/duties/{report.reference}/"
    assert "The reporter wrote at" not in text(client.get(page))
    adding.add_to_report(reporter=people[0], report_id=report.pk, key=uuid.uuid4(), text="One more thing.")
    assert "The reporter wrote at" in text(client.get(page))
    client.post(f"{page}take-up/")
    assert "The reporter wrote at" not in text(client.get(page))


def test_a_report_that_was_acted_on_is_not_marked_at_risk_now(people: list[Person]) -> None:
    report = send(people[0], at_risk_now=True)
    duty = report.duties.get()
    assert line(duty, report.sent_at).at_risk_now
    closed_by(people[2], report)
    assert not line(report.duties.get(), report.sent_at).at_risk_now


def test_everybody_concerned_is_told_without_the_words(people: list[Person], report: Report) -> None:
    Outbox.objects.all().delete()
    dispute(report)
    assert {notice.to for notice in Outbox.objects.all()} == {people[0], people[2], people[3]}
    assert not Outbox.objects.filter(body__contains="Nobody spoke").exists()


def test_a_dispute_begins_a_promise_again(report: Report) -> None:
    assert not Promise.objects.filter(report=report).open().exists()
    dispute(report)
    assert Promise.objects.filter(report=report).open().get().seq == 2
    assert breaking.break_due() == 0


def test_the_next_holder_has_no_fact_with_the_key_of_a_reporter_whose_name_is_kept_back(people: list[Person]) -> None:
    report = closed_by(people[2], send(people[0], confidential=True))
    dispute(report)
    passed = Fact.objects.for_subject(report.subject).of_kind("duty.passed").last()
    assert passed is not None
    assert str(people[0].pk) not in passed.leaf
    assert "The reporter disputed what was done" in {event.text for event in timeline(report, viewer=people[3])}


def test_what_the_desk_closed_goes_back_to_the_desk_and_to_somebody_else_there(people: list[Person]) -> None:
    decider, other = standards_officer(), standards_officer()
    report = closed_by(decider, send(people[0], skip_line=True))
    assert dispute(report).post is not None
    with pytest.raises(holding.NotHolding, match="Somebody else at the desk"):
        closed_by(decider, report)
    assert open_duty_of(report).why == Why.DISPUTED
    page = text(signed_in(decider).get(f"/duties/{report.reference}/"))
    assert disputing.ANOTHER_ACTS in page
    assert "Record what you did</a>" not in page
    assert closed_by(other, report).state == ReportState.ACTED


def test_the_one_who_closed_it_acts_again_where_nobody_else_at_the_desk_can(people: list[Person]) -> None:
    decider, accused = standards_officer(), standards_officer()
    report = closed_by(decider, send(people[0], skip_line=True, excluded={accused: Excluded.SENDER}))
    dispute(report)
    assert closed_by(decider, report).state == ReportState.ACTED


@pytest.mark.parametrize("at_desk", [True, False])
def test_whether_the_one_who_closed_it_may_act_does_not_say_that_the_other_at_a_desk_of_two_sent_it(at_desk: bool) -> None:
    """Where the name is kept back that takes two others: one of them may act, whoever sent it."""
    decider, other = standards_officer(), standards_officer()
    report = closed_by(decider, send(other if at_desk else PersonFactory(), skip_line=True, confidential=True))
    dispute(report)
    added = standards_officer()
    with pytest.raises(holding.NotHolding, match="Somebody else at the desk"):
        closed_by(decider, report)
    added.posts.clear()
    assert closed_by(decider, report).state == ReportState.ACTED


@pytest.mark.parametrize("who", ["holder", "stranger", "standards"])
def test_nobody_but_the_reporter_disputes(people: list[Person], report: Report, who: str) -> None:
    stranger: Person = PersonFactory()
    person = {"holder": people[2], "stranger": stranger, "standards": standards_officer()}[who]
    with pytest.raises(adding.NotYours):
        disputing.dispute(reporter=person, report_id=report.pk, reason=REASON)
    assert signed_in(person).get(f"/reports/{report.reference}/dispute/").status_code == 404


def test_an_erased_report_is_gone(report: Report) -> None:
    Report.objects.filter(pk=report.pk).update(state=ReportState.ERASED)
    with pytest.raises(Erased):
        dispute(report)


def test_a_statement_says_that_it_was_disputed_and_the_part_of_the_one_who_closed_it_ends_before(
    people: list[Person], report: Report
) -> None:
    dispute(report)
    opening.open_duty(person=people[3], report_id=report.pk, why="duty")
    pieces = parts.part(parts.Party.REPORTER, people[0], report, parts.facts_of(report))
    proved = Voice({}).proved(intervals.read(pieces, until=pieces[-1].fact.at))
    assert any(said.startswith("The reporter disputed what was done at") for said in proved)
    theirs = parts.part(parts.Party.HOLDER, people[2], report, parts.facts_of(report))
    assert [piece.fact.kind for piece in theirs if not piece.withheld][-1] == "duty.acted"


def test_the_page_shows_it_back_once_before_it_counts(people: list[Person], report: Report) -> None:
    client, page = signed_in(people[0]), f"/reports/{report.reference}/dispute/"
    assert "dispute what was done" in text(client.get(f"/reports/{report.reference}/"))
    assert "You can do this once." in text(client.get(page))
    assert "Enter why you dispute" in text(client.post(page, {"reason": ""}))
    assert "You can't take it back" in text(client.post(page, {"reason": REASON}))
    assert "Check and dispute" in text(client.post(page, {"reason": REASON, "change": "yes"}))
    assert not Dispute.objects.exists()
    assert client.post(page, {"reason": REASON, "confirmed": "yes"}).headers["Location"] == f"/reports/{report.reference}/"
    assert Dispute.objects.get().report == report
    assert client.put(page).status_code == 405


def test_the_page_says_why_it_cannot_be_done_and_keeps_what_was_typed(people: list[Person], report: Report) -> None:
    dispute(report)
    client, page = signed_in(people[0]), f"/reports/{report.reference}/dispute/"
    assert "A report can be disputed once." in text(client.get(page))
    assert REASON in text(client.post(page, {"reason": REASON, "confirmed": "yes"}))
    assert "dispute what was done</a>" not in text(client.get(f"/reports/{report.reference}/"))


def test_whoever_is_not_signed_in_is_asked_to(report: Report) -> None:
    assert "/accounts/login/" in Client().get(f"/reports/{report.reference}/dispute/").headers["Location"]
