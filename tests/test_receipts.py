from __future__ import annotations

import json
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags

from devices.tests.factories import take
from guidance.acknowledging import acknowledge
from guidance.tests.making import make_published, officer
from portal.people.models import Person
from portal.receipts.tests.checking import checked, fact_of
from portal.record.canonical import canonical
from portal.record.keeping import Keeper
from portal.record.models import Fact
from reporting.models import Report
from reporting.tests.browsing import signed_in
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db(transaction=True)


def acknowledged(person: Person) -> Fact:
    version = make_published()
    acknowledge(person=person, slug="code", version_id=version.pk, text_hash=version.text_hash)
    return Fact.objects.get(kind="guidance.acknowledged")


def download(person: Person, fact: Fact) -> Any:
    return signed_in(person).get(f"/receipts/{fact.pk}/download")


def test_somebody_without_receipts_is_told_how_they_come() -> None:
    page = signed_in(officer()).get("/receipts/")
    assert page.status_code == 200
    assert "You have no receipts yet." in page.content.decode()


def test_a_receipt_is_pending_until_the_record_is_signed_and_then_final(keeper: Keeper) -> None:
    reporter = force()[0]
    report = sent(reporter)
    fact = fact_of(report, "report.sent")
    keeper.round()  # the keys are made; another fact comes after
    late = sent(reporter)
    pending = fact_of(late, "report.sent")
    assert "promise" in checked(download(reporter, pending).content)
    assert "Pending" in signed_in(reporter).get(f"/receipts/{pending.pk}/").content.decode()
    keeper.round()
    receipt = checked(download(reporter, pending).content)
    assert "promise" not in receipt
    assert receipt["proof"].startswith("c2sp.org/tlog-proof@v1\nindex ")
    assert "Final" in signed_in(reporter).get(f"/receipts/{fact.pk}/").content.decode()


def test_a_receipt_is_promised_before_the_record_was_ever_signed() -> None:
    reporter = force()[0]
    receipt = checked(download(reporter, fact_of(sent(reporter), "report.sent")).content)
    assert len(receipt["keys"]) == 1


def test_the_list_groups_receipts_and_says_which_are_final(keeper: Keeper) -> None:
    reporter = force()[0]
    take(reporter)
    acknowledged(reporter)
    report = sent(reporter)
    keeper.round()
    page = signed_in(reporter).get("/receipts/").content.decode()
    words = strip_tags(page[page.index("<h1") :])
    titles = ["You sent it", "The duty to act on it passed to", "You claimed handset", "You acknowledged The Code, version 1"]
    assert all(title in words for title in titles)
    assert words.index(f"Report {report.reference}") < words.index("The Code, version 1") < words.index("Handset ")
    assert page.count("Save<span") == 4  # the report's sending and its first duty, the handset, the guidance
    assert ">Pending<" not in page


def test_the_list_has_pages() -> None:
    reporter = force()[0]
    reports = [sent(reporter) for _ in range(12)]
    first, second = (signed_in(reporter).get(f"/receipts/?page={number}").content.decode() for number in (1, 2))
    assert reports[-1].reference in first
    assert reports[0].reference not in first
    assert reports[0].reference in second


def test_a_list_of_many_receipts_asks_no_more_often_than_one_of_few(keeper: Keeper) -> None:
    reporter = force()[0]
    client = signed_in(reporter)

    def asked() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/receipts/").status_code == 200
        return len(seen)

    sent(reporter)
    take(reporter)
    acknowledged(reporter)
    keeper.round()
    asked()
    few = asked()
    for _ in range(6):
        sent(reporter)
    assert asked() == few


def test_the_file_is_an_attachment_with_a_name_that_says_what_it_is() -> None:
    reporter = force()[0]
    report = sent(reporter)
    answer = download(reporter, fact_of(report, "report.sent"))
    assert answer["Content-Type"] == "application/json"
    assert answer["Content-Disposition"] == f'attachment; filename="report-sent-{report.reference}.receipt.json"'
    assert answer["Cache-Control"] == "private, no-store"
    assert answer.content == f"{canonical(json.loads(answer.content))}\n".encode()


def test_the_page_shows_the_words_that_the_receipt_gives_away() -> None:
    reporter = force()[0]
    page = signed_in(reporter).get(f"/receipts/{fact_of(sent(reporter), 'report.sent').pk}/").content.decode()
    assert "The words that were sent" in page
    assert "Whoever has the file can read these words." in page


@pytest.mark.parametrize("address", ["", "download"])
def test_nobody_elses_receipt_exists(address: str) -> None:
    fact = fact_of(sent(force()[0]), "report.sent")
    assert signed_in(officer()).get(f"/receipts/{fact.pk}/{address}").status_code == 404


@pytest.mark.parametrize("key", ["0", "999999999999", "9" * 40])
def test_no_receipt_of_no_fact(key: str) -> None:
    assert signed_in(officer()).get(f"/receipts/{key}/").status_code == 404


def test_facts_that_are_not_for_receipts_have_none() -> None:
    reporter = force()[0]
    acknowledged(reporter)
    others = Fact.objects.filter(kind__startswith="guidance.").exclude(kind="guidance.acknowledged")
    assert {signed_in(reporter).get(f"/receipts/{fact.pk}/").status_code for fact in others} == {404}


@pytest.mark.parametrize("address", ["/receipts/", "/receipts/1/", "/receipts/1/download"])
def test_strangers_sign_in_first(client: Client, address: str) -> None:
    assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("address", ["/receipts/", "/receipts/1/", "/receipts/1/download"])
def test_pages_are_only_read(address: str) -> None:
    assert signed_in(officer()).post(address).status_code == 405


def test_files_that_do_not_reach_the_proof_are_said_to_be_incomplete(keeper: Keeper) -> None:
    from portal.record import places

    reporter = force()[0]
    fact = fact_of(sent(reporter), "report.sent")
    keeper.round()
    (places.tiles().home / "0").unlink()
    answer = download(reporter, fact)
    assert answer.status_code == 503
    assert "The record’s files on this machine are not complete." in answer.content.decode()


def test_a_receipt_that_was_erased_still_proves_and_says_so(keeper: Keeper) -> None:
    from django.db import transaction

    from portal.vault.sealing import erase
    from reporting.choices import ReportState

    reporter = force()[0]
    report = sent(reporter)
    keeper.round()
    with transaction.atomic():
        erase(report.container)
        Report.objects.filter(pk=report.pk).update(state=ReportState.ERASED)
    receipt = checked(download(reporter, fact_of(report, "report.sent")).content)
    assert receipt["disclosed"] == {}
    assert receipt["words"]["title"].endswith("(what it said was erased since)")
    page = signed_in(reporter).get(f"/receipts/{fact_of(report, 'report.sent').pk}/").content.decode()
    assert "The receipt still proves that it was recorded, and when." in page
    assert "The words that were sent" not in page
