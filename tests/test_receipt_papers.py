"""A receipt on paper: asked for, waited for, and the file in it the verifier's to check."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.test import Client

from guidance.tests.making import officer
from portal.people.models import Person
from portal.receipts.models import Copy, CopyState
from portal.receipts.paper import copies
from portal.receipts.paper.tests.pdfs import attached, pages
from portal.receipts.tests.checking import checked, fact_of
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.vault.sealing import erase
from reporting.choices import ReportState
from reporting.models import Report
from reporting.tests.browsing import signed_in
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db(transaction=True)


def asked(person: Person, fact: Fact) -> Client:
    client = signed_in(person)
    assert client.post(f"/receipts/{fact.pk}/paper")["Location"] == f"/receipts/{fact.pk}/paper"
    return client


def test_a_paper_is_made_on_request_with_the_receipt_in_it(keeper: Keeper) -> None:
    reporter = force()[0]
    report = sent(reporter)
    fact = fact_of(report, "report.sent")
    keeper.round()
    client = asked(reporter, fact)
    waits = client.get(f"/receipts/{fact.pk}/paper")
    assert waits["Refresh"] == "2"
    assert "Your paper copy is being made." in waits.content.decode()
    assert client.get(f"/receipts/{fact.pk}/paper?file")["Location"] == f"/receipts/{fact.pk}/paper"
    copies.make_due()
    ready = client.get(f"/receipts/{fact.pk}/paper")
    assert ready["Refresh"] == f"0; url=/receipts/{fact.pk}/paper?file"
    assert "Your paper copy is ready</h1>" in ready.content.decode()
    assert f'href="/receipts/{fact.pk}/paper?file"' in ready.content.decode()
    answer = client.get(f"/receipts/{fact.pk}/paper?file")
    assert answer["Content-Type"] == "application/pdf"
    assert answer["Content-Disposition"] == f'attachment; filename="report-sent-{report.reference}.pdf"'
    text = " ".join(pages(answer.content))
    said = (f"Receipt: you sent report {report.reference}", "The words that were sent", reporter.name_and_unit, "Number in the record")
    assert all(words in text for words in said)
    ((name, data),) = attached(answer.content).items()
    assert name == f"report-sent-{report.reference}.receipt.json"
    assert "proof" in checked(data)


def test_a_pending_paper_says_so_and_is_made_again_when_it_is_wanted_again(keeper: Keeper) -> None:
    reporter = force()[0]
    fact = fact_of(sent(reporter), "report.sent")
    client = asked(reporter, fact)
    copies.make_due()
    pending = client.get(f"/receipts/{fact.pk}/paper?file").content
    assert "The record had not been signed since" in " ".join(pages(pending))
    assert "promise" in checked(*attached(pending).values())
    keeper.round()
    asked(reporter, fact)
    copies.make_due()
    assert "proof" in checked(*attached(client.get(f"/receipts/{fact.pk}/paper?file").content).values())


def test_an_erasure_takes_the_paper_along_and_the_next_one_holds_no_words(keeper: Keeper) -> None:
    reporter = force()[0]
    report = sent(reporter)
    fact = fact_of(report, "report.sent")
    keeper.round()
    client = asked(reporter, fact)
    copies.make_due()
    with transaction.atomic():
        erase(report.container)
        Report.objects.filter(pk=report.pk).update(state=ReportState.ERASED)
    assert "The PDF is not here." in client.get(f"/receipts/{fact.pk}/paper").content.decode()
    asked(reporter, fact)
    copies.make_due()
    text = " ".join(pages(client.get(f"/receipts/{fact.pk}/paper?file").content))
    assert "What it said was erased." in text
    assert "The words that were sent" not in text


def test_a_paper_nobody_asked_for_leads_to_its_receipt() -> None:
    reporter = force()[0]
    fact = fact_of(sent(reporter), "report.sent")
    assert signed_in(reporter).get(f"/receipts/{fact.pk}/paper")["Location"] == f"/receipts/{fact.pk}/"


def test_nobody_elses_paper_exists() -> None:
    fact = fact_of(sent(force()[0]), "report.sent")
    stranger = signed_in(officer())
    assert {stranger.get(f"/receipts/{fact.pk}/paper{query}").status_code for query in ("", "?file")} == {404}
    assert stranger.post(f"/receipts/{fact.pk}/paper").status_code == 404
    assert not Copy.objects.exists()


def test_a_paper_wanted_by_somebody_who_may_have_it_no_more_is_not_made() -> None:
    people = force()
    fact = fact_of(sent(people[0]), "report.sent")
    copies.want(person=people[1], kind="receipt", key=str(fact.pk))
    copies.make_due()
    assert Copy.objects.get().state == CopyState.FAILED


def test_papers_are_for_who_is_signed_in_and_by_no_other_method(client: Client) -> None:
    assert client.post("/receipts/1/paper")["Location"].startswith("/accounts/login/")
    assert signed_in(officer()).put("/receipts/1/paper").status_code == 405
