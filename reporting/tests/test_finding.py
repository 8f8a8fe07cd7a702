from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact
from portal.vault.sealing import Erased
from reporting import acting, holding
from reporting.choices import Excluded, Outcome, Recorded
from reporting.desk import finding
from reporting.models import Exclusion, Finding, Report
from reporting.statements import parts
from reporting.statements.parts import Party
from reporting.tests.browsing import signed_in, text
from reporting.tests.erasures import erased
from reporting.tests.making import a_line, chain, send, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Gross misconduct, to a hearing."
DAY = date(2026, 3, 3)
FORM = {"what": "severity", "day_day": "3", "day_month": "3", "day_year": "2026", "words": WORDS}


@pytest.fixture
def report() -> Report:
    return send(a_line()[0])


@pytest.fixture
def standards() -> Person:
    return standards_officer()


def record(person: Person, report: Report, *, shared: bool = False, day: date = DAY, words: str = WORDS) -> Finding:
    given = finding.Given(Recorded.SEVERITY, day, words, shared)
    return finding.record_finding(person=person, report_id=report.pk, given=given)


def holder_of(report: Report) -> Person:
    holder = report.duties.get(seq=1).holder
    assert holder is not None
    return holder


def test_a_finding_is_a_fact_with_its_day_and_without_its_words(standards: Person, report: Report) -> None:
    kept = record(standards, report)
    fact = Fact.objects.of_kind("standards.recorded").get()
    assert fact.data == {"finding": str(kept.pk), "what": "severity", "day": "2026-03-03", "shared": False}
    assert fact.subject == report.consultations
    assert WORDS not in fact.facts + fact.sealed


def test_only_standards_see_a_finding_that_is_not_marked_for_the_reporter(standards: Person, report: Report) -> None:
    before = Outbox.objects.filter(to=report.reporter).count()
    record(standards, report)
    assert f"You recorded: Severity assessed, {'3 March'}" in str(timeline(report, viewer=standards))
    assert WORDS in str(timeline(report, viewer=standards))
    for person in (report.reporter, holder_of(report)):
        assert "recorded" not in str(timeline(report, viewer=person))
    assert Outbox.objects.filter(to=report.reporter).count() == before


def test_the_reporter_reads_and_is_told_of_what_is_marked_for_them(standards: Person, report: Report) -> None:
    record(standards, report, shared=True)
    told = str(timeline(report, viewer=report.reporter))
    assert "Professional standards recorded: Severity assessed" in told
    assert WORDS in told
    assert standards.last_name not in told
    assert Outbox.objects.get(kind="report.recorded").to == report.reporter
    assert "recorded" not in str(timeline(report, viewer=holder_of(report)))


def test_no_statement_of_duty_tells_of_a_finding(standards: Person, report: Report) -> None:
    before = chain(report)
    record(standards, report, shared=True)
    assert chain(report) == before
    assert {piece.fact.kind for piece in parts.part(Party.REPORTER, report.reporter, report, parts.facts_of(report))} == set(before)


def test_a_finding_may_come_after_the_report_was_closed(standards: Person, report: Report) -> None:
    acting.act(person=holder_of(report), report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")
    assert record(standards, report, words="").report == report


def test_a_decision_of_a_day_to_come_is_refused(standards: Person, report: Report) -> None:
    with pytest.raises(finding.NotYet):
        record(standards, report, day=timezone.localdate() + timedelta(days=1))
    assert not Finding.objects.exists()


def test_its_words_go_with_the_report(one: Person, other: Person, report: Report) -> None:
    record(one, report)
    erased(report, one, other)
    report.refresh_from_db()
    assert WORDS not in str(timeline(report, viewer=one))
    with pytest.raises(Erased):
        record(one, report)


@pytest.mark.parametrize("who", ["holder", "reporter", "excluded"])
def test_nobody_else_records_one(who: str, standards: Person, report: Report) -> None:
    if who == "excluded":
        Exclusion.objects.create(report=report, person=standards, why=Excluded.NAMED)
    people: dict[str, Person] = {"holder": holder_of(report), "reporter": report.reporter, "excluded": standards}
    with pytest.raises(holding.NotYours):
        record(people[who], report)
    address = f"/standards/{report.reference}/decision/"
    assert signed_in(people[who]).get(address).status_code == 404
    assert signed_in(people[who]).post(address, FORM).status_code == 404


def test_the_page_records_a_finding_and_words_what_is_missing(standards: Person, report: Report) -> None:
    client, address = signed_in(standards), f"/standards/{report.reference}/decision/"
    assert "Select what was decided" in text(client.post(address, {}))
    ahead = timezone.localdate() + timedelta(days=40)
    late = {**FORM, "day_day": str(ahead.day), "day_month": str(ahead.month), "day_year": str(ahead.year)}
    assert "There is a problem" in text(client.post(address, late))
    assert not Finding.objects.exists()
    page = text(client.post(address, {**FORM, "shared": "on"}, follow=True))
    assert "The reporter can read this." in page
    assert Client().get(address).status_code == 302
    assert client.put(address).status_code == 405
