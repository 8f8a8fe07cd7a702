"""The states every page has: away, read-only, refused, empty, long, many."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.core.cache import caches
from django.db import connection
from psycopg import sql
from redis.connection import AbstractConnection
from redis.exceptions import ConnectionError as RedisConnectionError

from guidance.models import Acknowledgement
from portal.people.models import Person
from reporting.models import Draft, Report
from tests.journeys.conftest import DESK, PHONE, Visitor
from tests.journeys.steps import CONSTABLE, a_report, send_report

INSPECTOR = "inspector@force.example"
Visitors = Callable[..., Visitor]
looks = pytest.mark.parametrize(("viewport", "javascript"), [(PHONE, True), (PHONE, False), (DESK, True)], ids=["phone", "plain", "desk"])


@pytest.fixture
def refused(force: None, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Redis takes no connection. The names of the threads it refused."""
    threads: list[str] = []

    def refuse(_connection: Any, *_args: Any, **_options: Any) -> None:
        threads.append(threading.current_thread().name)
        raise RedisConnectionError("refused")

    monkeypatch.setattr(AbstractConnection, "connect", refuse)
    monkeypatch.setattr(AbstractConnection, "connect_check_health", refuse)
    caches.close_all()
    return threads


@pytest.fixture
def read_only(force: None, owner_connection: Any) -> Callable[[bool], None]:
    """Make the database refuse writes from the portal's next connections, or let it take them again."""

    def turn(on: bool) -> None:
        name = sql.Identifier(connection.settings_dict["NAME"])
        value = sql.SQL("on" if on else "off")
        owner_connection.execute(sql.SQL("ALTER DATABASE {} SET default_transaction_read_only = {}").format(name, value))
        connection.close()

    return turn


def test_without_redis_the_front_page_acknowledging_and_sending_still_work(visitor: Visitors, refused: list[str]) -> None:
    officer = visitor(CONSTABLE)
    officer.sees("Waiting for you")
    officer.go("/guidance/information-code-of-conduct/")
    officer.press("Acknowledge")
    officer.sees("You acknowledged")
    reference = send_report(officer)
    officer.sees("Ada Okafor")
    assert Report.objects.get().reference == reference
    assert set(refused) - {threading.main_thread().name}, "the portal never asked Redis"
    assert Acknowledgement.objects.filter(person__email=CONSTABLE).count() == 1


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])
def test_a_database_that_takes_nothing_says_so_and_nothing_typed_is_lost(
    visitor: Visitors, read_only: Callable[[bool], None], javascript: bool
) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    officer.go("/guidance/information-code-of-conduct/question/")
    officer.page.get_by_role("textbox").fill("Typed while nothing could be written down.")
    read_only(True)
    officer.page.get_by_role("button", name="Send question").click()
    officer.page.wait_for_load_state()
    officer.complaints.clear()  # a 503, which the browser reports as an error
    officer.check()
    officer.sees("Nothing can be saved just now")
    officer.sees("Typed while nothing could be written down.")
    read_only(False)
    officer.press("Try again with what you wrote")
    officer.sees("Typed while nothing could be written down.")
    officer.sees_not("Nothing can be saved just now")


def test_pages_can_be_read_while_nothing_can_be_written(visitor: Visitors, read_only: Callable[[bool], None]) -> None:
    officer = visitor(CONSTABLE)
    read_only(True)
    for path in ("/", "/guidance/", "/guidance/information-code-of-conduct/", "/reports/", "/handset/apps/", "/record/"):
        officer.go(path)
    read_only(False)


@looks
def test_pages_for_everybody_stand(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    stranger = visitor(viewport=viewport, javascript=javascript)
    for path in ("/accounts/login/", "/help/", "/privacy/", "/accessibility/", "/record/"):
        stranger.go(path)
    stranger.go("/reports/")
    assert "/accounts/login/" in stranger.page.url


@looks
def test_error_pages_are_calm_and_say_what_to_do(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    officer = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    officer.go("/nowhere/", status=404)
    assert officer.page.locator("h1").count() == 1
    officer.go("/reports/%00/", status=404)
    officer.go("/handset/keep/", status=405)
    officer.go(officer.base.replace("localhost", "elsewhere.localhost"), status=400)
    officer.go("/guidance/information-code-of-conduct/")
    officer.page.context.clear_cookies(name="csrftoken")
    officer.page.get_by_role("button", name="Acknowledge").click()
    officer.page.wait_for_load_state()
    officer.complaints.clear()
    officer.check()
    assert not Acknowledgement.objects.filter(person__email=CONSTABLE).exists()


@looks
def test_empty_pages_say_that_they_are_empty(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    superintendent = visitor("superintendent@force.example", viewport=viewport, javascript=javascript)
    superintendent.go("/reports/")
    superintendent.sees("You have sent no reports")
    superintendent.go("/duties/")
    superintendent.sees("You hold no duties")
    superintendent.go("/handset/")


@looks
def test_long_words_and_names_stay_on_the_page(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    long = "Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch"
    Person.objects.filter(email__in=[CONSTABLE, INSPECTOR]).update(first_name=long, last_name=long)
    officer = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    officer.go("/guidance/information-code-of-conduct/question/")
    officer.page.get_by_role("textbox").fill("W" * 400)
    officer.press("Send question")
    officer.sees("W" * 400)
    report = a_report()
    for path in ("/reports/", f"/reports/{report.reference}/"):
        officer.go(path)
    inspector = visitor(INSPECTOR, viewport=viewport, javascript=javascript)
    for path in ("/duties/", f"/duties/{report.reference}/", f"/duties/{report.reference}/pass/?q={long}"):
        inspector.go(path)


@looks
def test_many_reports_and_duties_are_paged(visitor: Visitors, viewport: dict[str, int], javascript: bool) -> None:
    references = [a_report().reference for _ in range(26)]
    inspector = visitor(INSPECTOR, viewport=viewport, javascript=javascript)
    inspector.sees("more, under duties")
    inspector.go("/duties/")
    inspector.sees_not(references[-1])
    inspector.go("/duties/?page=2")
    inspector.sees(references[-1])
    inspector.go("/duties/?page=99")
    officer = visitor(CONSTABLE, viewport=viewport, javascript=javascript)
    officer.go("/reports/")
    officer.sees(references[-1])
    officer.go("/reports/?page=2")
    officer.sees(references[0])


@pytest.mark.parametrize("words", ["\u202eright to left", "emoji 🙁🚓", "nul \x00 byte", "W" * 20_000])
def test_strange_words_get_a_sentence_and_never_a_fault(visitor: Visitors, words: str) -> None:
    officer = visitor(CONSTABLE, javascript=False)
    officer.press("Report a message")
    officer.page.get_by_label("What did it say?").fill(words)
    officer.press("Save and continue")
    officer.sees("There is a problem")
    assert Draft.objects.count() == 1
