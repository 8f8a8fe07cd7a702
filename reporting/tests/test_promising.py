from __future__ import annotations

import html
from datetime import timedelta
from importlib import import_module
from typing import Any
from unittest.mock import patch

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.test import Client

from portal.hours.models import KeptCalendar
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory, desk
from portal.record.appending import now
from portal.record.models import Fact
from portal.watch import figures
from reporting import acting, asking, saying
from reporting.agreement.agreeing import disagreements
from reporting.choices import Counting, Excluded, Outcome, PromiseState
from reporting.models import Promise, PromiseTerms, Report
from reporting.promises import breaking, terms
from reporting.promises.promising import let_go
from reporting.statements import intervals, parts
from reporting.statements.wording import Voice
from reporting.tests.browsing import signed_in
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer
from reporting.tests.reporters import force, full_draft
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db


def states(report: Report) -> list[tuple[int, str]]:
    return list(Promise.objects.filter(report=report).order_by("seq").values_list("seq", "state"))


def pass_by(report: Report) -> None:
    """The promise's time goes by, and nothing else's."""
    Promise.objects.filter(report=report).open().update(made_at="2026-01-01T00:00Z", due_at="2026-01-29T00:00Z")


def told(report: Report) -> set[Person]:
    return {notice.to for notice in Outbox.objects.filter(kind="promise.missed")}


def test_a_report_is_sent_with_a_promise_that_its_fact_names(report: Report) -> None:
    promise, fact = Promise.objects.get(), Fact.objects.for_subject(report.subject).of_kind("report.sent").get()
    assert promise.due_at - report.sent_at == timedelta(days=28)
    assert (fact.data["promise"], fact.data["terms"]["hours"]) == (1, 672)


@pytest.mark.parametrize("verb", ["ask", "tell"])
def test_whoever_writes_to_the_reporter_keeps_the_promise_and_makes_the_next(people: list[Person], report: Report, verb: str) -> None:
    if verb == "ask":
        asking.ask(person=people[2], report_id=report.pk, question="Who was there?")
    else:
        saying.tell_reporter(person=people[2], report_id=report.pk, words="I have begun.")
    assert states(report) == [(1, PromiseState.KEPT), (2, PromiseState.OPEN)]
    first, second = Promise.objects.order_by("seq")
    assert (second.made_at, second.terms) == (first.ended_at, first.terms)
    assert list(disagreements()) == []


def test_a_promise_that_passed_and_has_not_fired_is_watched(report: Report) -> None:
    def watched() -> float:
        return next(one.seconds for one in figures.read() if one.figure.code == "promise")

    assert watched() == 0
    pass_by(report)
    assert watched() > 86_400
    breaking.break_due()
    assert watched() == 0


def test_an_outcome_keeps_the_promise_and_makes_no_other(people: list[Person], report: Report) -> None:
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    assert states(report) == [(1, PromiseState.KEPT)]
    assert list(disagreements()) == []


def test_a_referral_and_a_late_record_are_heard_and_leave_the_next_promise(people: list[Person], report: Report) -> None:
    standards_officer()
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.STANDARDS, reasons="It is a pattern.")
    assert states(report) == [(1, PromiseState.KEPT), (2, PromiseState.OPEN)]


def test_a_promise_that_passed_is_missed_once_and_the_next_runs_from_then(report: Report) -> None:
    pass_by(report)
    assert [breaking.break_due(), breaking.break_due()] == [1, 0]
    first, second = Promise.objects.order_by("seq")
    assert (first.state, second.state, second.made_at) == (PromiseState.MISSED, PromiseState.OPEN, first.ended_at)
    fact = Fact.objects.of_kind("promise.missed").get()
    assert fact.data["due_at"] < fact.data["fired_at"]
    assert (fact.actor, fact.data["duty"]) == ("process:clock", open_duty_of(report).pk)


def test_tables_and_facts_agree_on_promises_missed_by_the_sweep_and_by_whoever_came_late(people: list[Person]) -> None:
    PromiseTerms.objects.update(hours_to_hear=0)
    report = send(people[0])
    breaking.break_due()
    asking.ask(person=people[2], report_id=report.pk, question="Who was there?")
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    assert states(report) == [(1, PromiseState.MISSED), (2, PromiseState.MISSED), (3, PromiseState.MISSED)]
    assert list(disagreements()) == []


def test_a_missed_promise_moves_no_duty(report: Report) -> None:
    before = open_duty_of(report)
    pass_by(report)
    breaking.break_due()
    assert (open_duty_of(report).pk, open_duty_of(report).next_due_at) == (before.pk, before.next_due_at)


def test_nothing_is_missed_before_its_time_and_nothing_of_a_closed_report(people: list[Person], report: Report) -> None:
    assert breaking.break_due() == 0
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    age(report, days=40)
    assert breaking.break_due() == 0


def test_the_reporter_the_holder_and_professional_standards_are_told(people: list[Person]) -> None:
    member, accused = standards_officer(), standards_officer()
    report = send(people[0], excluded={accused: Excluded.SENDER})
    pass_by(report)
    breaking.break_due()
    assert told(report) == {people[0], people[2], member}
    assert Outbox.objects.filter(kind="promise.missed", to=member).get().link == f"/standards/{report.reference}/"
    proved = {notice.to for notice in Outbox.objects.filter(kind="promise.missed", body__contains="Your receipt is at")}
    assert proved == {people[0], people[2]}, "the desk does not hold the duty, and has no receipt"


def test_a_member_of_the_desk_without_the_role_is_led_to_a_page_that_opens(people: list[Person], client: Client) -> None:
    member = PersonFactory()
    desk(member)
    report, theirs = send(people[0]), send(people[0], skip_line=True)
    for one, link in ((report, "/duties/"), (theirs, f"/duties/{theirs.reference}/")):
        pass_by(one)
        breaking.break_due()
        assert Outbox.objects.filter(kind="promise.missed", to=member).latest("pk").link == link
        client.force_login(member)
        assert client.get(link).status_code == 200


def test_where_the_desk_holds_the_duty_its_members_are_told_where_they_hold_it(people: list[Person]) -> None:
    member = standards_officer()
    report = send(people[0], skip_line=True)
    pass_by(report)
    breaking.break_due()
    assert Outbox.objects.filter(kind="promise.missed", to=member).get().link == f"/duties/{report.reference}/"


def test_notices_to_others_do_not_name_a_reporter_whose_name_is_kept_back(people: list[Person]) -> None:
    standards_officer()
    report = send(people[0], confidential=True)
    pass_by(report)
    breaking.break_due()
    said = [notice.subject + notice.body for notice in Outbox.objects.filter(kind="promise.missed").exclude(to=people[0])]
    assert len(said) == 2
    assert not any(people[0].last_name in one or str(people[0].number) in one for one in said)


def test_whoever_writes_after_it_passed_finds_it_missed_first(people: list[Person], report: Report) -> None:
    pass_by(report)
    saying.tell_reporter(person=people[2], report_id=report.pk, words="I have begun.")
    assert chain(report)[-2:] == ["promise.missed", "reporter.told"]
    assert states(report) == [(1, PromiseState.MISSED), (2, PromiseState.OPEN)]
    assert breaking.break_due() == 0


def test_an_act_after_it_passed_is_an_act_and_a_missed_promise(people: list[Person], report: Report) -> None:
    pass_by(report)
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    assert chain(report)[-2:] == ["promise.missed", "duty.acted"]
    assert Outbox.objects.filter(kind="receipt.ready", to=people[2]).exists()


def test_the_database_refuses_a_second_miss_an_early_one_and_two_at_once(report: Report) -> None:
    promise = Promise.objects.get()
    for change in ({"seq": 1}, {"seq": 2}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Promise(report=report, terms={}, made_at=promise.made_at, due_at=promise.due_at, **change).save(force_insert=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        Promise.objects.update(state=PromiseState.MISSED, ended_at=promise.due_at - timedelta(seconds=1))


def test_a_report_that_is_erased_leaves_nothing_to_hear_of(report: Report) -> None:
    with transaction.atomic():
        let_go(report, at=now())
    assert states(report) == [(1, PromiseState.ENDED)]
    assert breaking.break_due() == 0


@pytest.mark.parametrize("part", ["append_unread", "put_all"])
def test_a_failure_on_the_way_leaves_nothing_half_written(report: Report, part: str) -> None:
    pass_by(report)
    with patch(f"reporting.promises.breaking.{part}", side_effect=RuntimeError), pytest.raises(RuntimeError):
        breaking.break_due()
    assert states(report) == [(1, PromiseState.OPEN)]
    assert "promise.missed" not in chain(report)


def test_many_are_missed_with_as_many_queries_as_few(django_assert_max_num_queries: Any) -> None:
    standards_officer()
    for one in [send(a_line()[0]) for _ in range(8)]:
        pass_by(one)
    with django_assert_max_num_queries(17):
        assert breaking.break_due() == 8
    assert breaking.break_due(most=2) == 0


def test_the_sweep_finds_due_promises_by_their_index(report: Report) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN SELECT id FROM reporting_promise WHERE state = 'open' AND due_at <= now() ORDER BY due_at LIMIT 100")
        assert "promise_due" in "\n".join(row[0] for row in cursor.fetchall())


def test_terms_are_frozen_with_the_report(people: list[Person], report: Report) -> None:
    PromiseTerms.objects.update(hours_to_hear=1)
    saying.tell_reporter(person=people[2], report_id=report.pk, words="I have begun.")
    second = Promise.objects.get(seq=2)
    assert second.due_at - second.made_at == timedelta(days=28)
    assert terms.in_force(urgent=False).hours == 1


def test_where_somebody_is_at_risk_the_reporter_hears_sooner(people: list[Person]) -> None:
    report = send(people[0], at_risk_now=True)
    assert Promise.objects.get().due_at - report.sent_at == timedelta(hours=24)


@pytest.mark.parametrize(("before", "after"), [(168, 24), (72, 72)])
def test_only_the_shipped_week_became_a_day(before: int, after: int) -> None:
    PromiseTerms.objects.filter(urgent=True).update(hours_to_hear=before)
    import_module("reporting.migrations.0021_hear_within_a_day_at_risk").forwards(apps, None)
    assert terms.in_force(urgent=True).hours == after


def test_the_page_that_says_by_when_keeps_no_calendar_and_the_promise_does(client: Client) -> None:
    constable = force()[0]
    PromiseTerms.objects.filter(urgent=False).update(counting=Counting.WORKING)
    client.force_login(constable)
    assert "You will hear by" in client.get(f"/reports/drafts/{full_draft(constable).pk}/check/").content.decode()
    assert not KeptCalendar.objects.exists()
    kept = send(constable).promises.get().terms["calendar"]
    assert KeptCalendar.objects.get().digest == kept


def test_working_hours_count_where_an_administrator_says_so(people: list[Person]) -> None:
    PromiseTerms.objects.filter(urgent=False).update(counting=Counting.WORKING, hours_to_hear=80)
    report = send(people[0])
    promise = Promise.objects.get()
    assert promise.terms["calendar"]
    assert promise.due_at - report.sent_at > timedelta(days=7)
    with pytest.raises(IntegrityError), transaction.atomic():
        PromiseTerms.objects.update(counting=Counting.WORKING)


def test_without_any_terms_the_reporter_hears_within_four_weeks() -> None:
    PromiseTerms.objects.all().delete()
    assert terms.in_force(urgent=True) == terms.Frozen(672, 28)


def test_a_report_from_before_there_were_promises_has_one_from_the_first_word_on(people: list[Person], report: Report) -> None:
    Promise.objects.all().delete()
    saying.tell_reporter(person=people[2], report_id=report.pk, words="I have begun.")
    assert states(report) == [(1, PromiseState.OPEN)]


def test_the_reporter_reads_by_when_they_hear_and_that_they_did_not(people: list[Person], report: Report) -> None:
    client = signed_in(people[0])
    assert "You will hear by" in client.get(f"/reports/{report.reference}/").content.decode()
    pass_by(report)
    assert "You did not hear by midnight, 29 January" in html.unescape(client.get(f"/reports/{report.reference}/").content.decode())
    (event,) = [event for event in timeline(report, viewer=people[0]) if "did not hear" in event.text]
    assert event.text == "You did not hear by midnight, 29 January"
    assert "You will hear by" in event.detail
    assert event.links[0]["text"] == "Receipt"


def test_the_holder_reads_by_when_the_reporter_hears(people: list[Person], report: Report) -> None:
    client = signed_in(people[2])
    assert "The reporter is to hear by" in client.get(f"/duties/{report.reference}/").content.decode()


def test_a_statement_of_duty_says_that_the_reporter_did_not_hear(people: list[Person], report: Report) -> None:
    pass_by(report)
    breaking.break_due()
    pieces = parts.part(parts.Party.REPORTER, people[0], report, parts.facts_of(report))
    proved = Voice({}).proved(intervals.read(pieces, until=pieces[-1].fact.at))
    assert any(said.startswith("The reporter was to hear by midnight, 29 January and did not.") for said in proved)


def test_an_administrator_changes_the_terms_and_the_record_says_so() -> None:
    administrator: Person = PersonFactory(is_staff=True, is_superuser=True)
    client, usual = Client(), PromiseTerms.objects.get(urgent=False)
    client.force_login(administrator)
    page = f"/admin/reporting/promiseterms/{usual.pk}/change/"
    assert client.get(page).status_code == 200
    given = {"hours_to_hear": 336, "counting": "elapsed", "days_to_dispute": 14}
    assert client.post(page, given).status_code == 302
    fact = Fact.objects.for_subject("promise_terms:usual").get()
    assert (fact.data["hours_to_hear"], fact.data["days_to_dispute"]) == (336, 14)
    assert client.get("/admin/reporting/promiseterms/add/").status_code == 403
    assert client.post(page, {**given, "hours_to_hear": 0}).status_code == 200
