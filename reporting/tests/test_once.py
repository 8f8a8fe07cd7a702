"""A form sent twice, by a second press or from the page behind, writes once; the same words from a new form are written again."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Model
from django.test import Client
from django.utils import timezone

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact
from reporting import asking
from reporting.desk import noting
from reporting.models import Finding, Message, Note, Report
from reporting.tests.browsing import reader_in, signed_in, text
from reporting.tests.making import send, standards_officer

Together = Callable[..., list[Any]]
pytestmark = pytest.mark.django_db(transaction=True)
FORMS: dict[str, tuple[str, dict[str, str], type[Model], str]] = {
    "question": ("duties/{}/ask/", {"question": "Who else was there?"}, Message, "report.asked"),
    "word": ("duties/{}/tell/", {"words": "I spoke to him."}, Message, "reporter.told"),
    "addition": ("reports/{}/add/", {"text": "He said it again."}, Message, "report.added"),
    "note": ("duties/{}/note/", {"text": "Spoke to the sergeant."}, Note, "note.added"),
    "note of standards": ("standards/{}/note/", {"text": "Spoke to the sergeant."}, Note, "note.added"),
    "finding": ("standards/{}/decision/", {"what": "severity", "shared": "on"}, Finding, "standards.recorded"),
}


def posted(written: dict[str, str]) -> dict[str, str]:
    today = timezone.localdate()
    return {**written, "day_day": str(today.day), "day_month": str(today.month), "day_year": str(today.year)}


def writer(what: str, people: list[Person], report: Report) -> tuple[Client, str]:
    """Somebody who may write it, and where."""
    address = FORMS[what][0].format(report.reference)
    return reader_in(address.partition("/")[0], people), f"/{address}"


@pytest.mark.parametrize("what", FORMS)
def test_a_form_sent_twice_writes_once_and_a_new_form_again(what: str, people: list[Person], report: Report) -> None:
    _, written, model, kind = FORMS[what]
    client, address = writer(what, people, report)

    def key() -> str:
        found = re.search(r'name="key" value="([^"]+)"', text(client.get(address.removesuffix("add/"))))
        assert found is not None
        return found[1]

    for form in (first := key(), first, key()):
        assert client.post(address, {**posted(written), "key": form}).status_code == 302
    assert model._default_manager.count() == 2
    assert Fact.objects.of_kind(kind).count() == 2
    told = people[2] if what == "addition" else people[0]
    assert Outbox.objects.filter(to=told, kind__in=[kind, "report.recorded"]).count() == (0 if model is Note else 2)


@pytest.mark.parametrize("what", FORMS)
def test_a_form_that_came_back_and_says_something_else_is_written_too(what: str, people: list[Person], report: Report) -> None:
    _, written, model, kind = FORMS[what]
    client, address = writer(what, people, report)
    changed = {"words": "And again."} if model is Finding else dict.fromkeys(written, "And again.")
    for said in (written, written | changed):
        assert client.post(address, {**posted(said), "key": str(uuid.UUID(int=1))}).status_code == 302
    assert model._default_manager.count() == 2
    assert Fact.objects.of_kind(kind).count() == 2


@pytest.mark.parametrize("key", ["", "not a key", "\0", "9" * 500])
def test_nothing_is_lost_over_a_key_that_no_page_gave(people: list[Person], report: Report, key: str) -> None:
    client = signed_in(people[2])
    for _ in range(2):
        assert client.post(f"/duties/{report.reference}/ask/", {"question": "Who?", "key": key}).status_code == 302
    assert Message.objects.count() == 2


def test_pressed_twice_at_once_asks_once(together: Together, people: list[Person], report: Report) -> None:
    key = uuid.uuid4()
    answers = together(*[lambda: asking.ask(person=people[2], report_id=report.pk, question="Who?", key=key)] * 4)
    assert len({answer.pk for answer in answers}) == 1
    assert Fact.objects.of_kind("report.asked").count() == 1


def test_a_key_is_one_persons_about_one_report(people: list[Person], report: Report) -> None:
    key, other = uuid.uuid4(), send(people[0])
    written = [(people[2], report), (people[2], other), (standards_officer(), report)]
    notes = {noting.write_note(person=person, report_id=about.pk, text="Well", key=key).pk for person, about in written * 2}
    assert len(notes) == Note.objects.count() == 3
