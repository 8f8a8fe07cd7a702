"""The moment after sending: the page waits for the checkpoint, and not where nobody keeps the record."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.db import connections, transaction

from portal.people.models import Person
from portal.receipts import waiting
from portal.record.appending import append, process_actor
from portal.record.keeping import Keeper
from portal.record.models import Checkpoint, Fact
from reporting.tests.browsing import signed_in, text
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db(transaction=True)


def page(person: Person, reference: str) -> str:
    return text(signed_in(person).get(f"/reports/{reference}/"))


def a_fact() -> int:
    with transaction.atomic():
        return append(kind="test.waited", subject="test:waiting", actor=process_actor("test")).pk


@contextmanager
def soon(keeper: Keeper, seconds: float = 0.2) -> Iterator[None]:
    """The record is signed once, a moment from now."""

    def sign() -> None:
        time.sleep(seconds)
        keeper.round()
        connections.close_all()

    thread = threading.Thread(target=sign)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def test_the_page_after_sending_waits_until_the_receipt_is_ready(keeper: Keeper) -> None:
    reporter = force()[0]
    keeper.round()
    report = sent(reporter)
    with soon(keeper):
        shown = page(reporter, report.reference)
    assert "Your receipt</a> is ready." in shown


def test_where_nothing_was_ever_signed_nothing_is_waited_for() -> None:
    assert waiting.wait_for(lambda: waiting.covered(a_fact()), seconds=60) is None


def test_where_the_clock_stopped_a_while_ago_nothing_is_waited_for(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.round()
    monkeypatch.setattr(waiting, "SIGNED_WITHIN", timedelta(0))
    assert waiting.wait_for(lambda: waiting.covered(a_fact()), seconds=60) is None


def test_where_facts_have_waited_too_long_nothing_is_waited_for(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.round()
    fact = a_fact()
    monkeypatch.setattr(waiting, "PLACED_WITHIN", 0.0)
    assert waiting.wait_for(lambda: waiting.covered(fact), seconds=60) is None


def test_a_stopped_clock_leaves_the_page_as_it_is_and_the_receipt_pending() -> None:
    reporter = force()[0]
    report = sent(reporter)
    assert "Your receipt</a> is pending. It becomes final by itself." in page(reporter, report.reference)
    assert not Checkpoint.objects.exists()


def test_no_more_than_a_few_wait_at_once(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    keeper.round()
    fact = a_fact()
    monkeypatch.setattr(waiting, "_places", threading.BoundedSemaphore(1))
    with waiting._places:
        assert waiting.wait_for(lambda: waiting.covered(fact), seconds=60) is None
    with soon(keeper):
        assert waiting.wait_for(lambda: waiting.covered(fact), seconds=10) is True
    assert Fact.objects.get(pk=fact).leaf_index is not None
