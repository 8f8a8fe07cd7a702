"""What every page about a report is once it was erased: something that can be read, and never an error."""

from __future__ import annotations

import uuid

import pytest
import redis
from django.conf import settings
from django.urls import URLResolver, get_resolver

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.keeping import Keeper
from portal.record.models import Fact
from reporting.choices import Excluded
from reporting.models import Duty, Report
from reporting.tests.browsing import in_one_line, signed_in
from reporting.tests.erasures import WORD, a_life, attach, erased
from reporting.tests.making import a_line, chain, open_duty_of, send, standards_officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]
ROOMS = ("reports/", "duties/", "standards/")


def addresses(reference: str, attachment: uuid.UUID) -> list[str]:
    """Every address of these rooms that names a report."""
    found = []
    for room in get_resolver().url_patterns:
        if isinstance(room, URLResolver) and str(room.pattern) in ROOMS:
            for page in room.url_patterns:
                route = f"/{room.pattern}{page.pattern}"
                if "<str:reference>" in route:
                    found.append(filled(route, reference, attachment))
    assert len(found) > 20
    return found


def filled(route: str, reference: str, attachment: uuid.UUID) -> str:
    for name in ("attachment_id", "question_id", "link_id", "conflict_id", "uuid"):
        route = route.replace(f"<uuid:{name}>", str(attachment))
    route = route.replace("<int:seq>", "1")
    assert route.count("<") == 1, f"{route}: say here what stands for the other part"
    return route.replace("<str:reference>", reference)


POSTED = {
    "outcome": "local",
    "reasons": "x",
    "confirmed": "1",
    "question": "x",
    "why": "x",
    "reason": "x",
    "text": "x",
    "key": str(uuid.uuid4()),
    "ground": "order",
    "reference": "x",
}


@pytest.mark.parametrize("open_duty", [False, True])
def test_no_page_about_an_erased_report_fails_for_anybody(one: Person, other: Person, open_duty: bool, keeper: Keeper) -> None:
    report = send(a_line()[0]) if open_duty else a_life(one)
    attachment = attach(report)
    holders: list[Person] = [duty.holder for duty in report.duties.select_related("holder") if duty.holder]
    erased(report, one, other)
    keeper.round()
    before = chain(report)
    people: list[Person] = [report.reporter, holders[0], one, PersonFactory()]
    for person in people:
        client = signed_in(person)
        for address in addresses(report.reference, attachment.pk):
            answers = [client.get(address)]
            if "statement" not in address:  # asking for one waits for a signature, which nobody makes here
                answers.append(client.post(address, POSTED))
            for response in answers:
                assert response.status_code < 500, address
                assert WORD not in in_one_line(response), address
        for address in ("/receipts/", "/", "/reports/", "/duties/?state=ended", "/standards/", "/standards/retention/", "/figures/"):
            response = client.get(address)
            assert response.status_code in (200, 404), address
            assert WORD not in in_one_line(response), address
    reporters = signed_in(report.reporter)
    for fact in Fact.objects.for_subject(report.subject):
        for part in ("", "download", "paper"):
            response = reporters.get(f"/receipts/{fact.pk}/{part}")
            assert response.status_code < 500
            assert WORD.encode() not in response.content
    assert [kind for kind in chain(report) if not kind.startswith("statement.")] == [
        kind for kind in before if not kind.startswith("statement.")
    ]


def test_the_reporter_reads_when_and_under_what_it_was_erased(one: Person, other: Person) -> None:
    report = a_life(one)
    attachment = attach(report)
    erased(report, one, other)
    client, base = signed_in(report.reporter), f"/reports/{report.reference}/"
    page = in_one_line(client.get(base))
    assert "The content of this report was erased at" in page
    assert "under a lawful order. Your receipts still prove when you sent it." in page
    assert "Professional standards erased the content of this report under a lawful order" in page
    assert one.last_name not in page
    assert "Add to report" not in page
    assert client.get(f"{base}files/{attachment.pk}/").status_code == 410
    gone = client.post(f"{base}add/", {"key": str(uuid.uuid4()), "text": "More than a word or two"})
    assert (gone.status_code, "was erased" in in_one_line(gone)) == (410, True)
    assert "More than a word or two" in in_one_line(gone)
    for listed in ("/reports/", "/"):
        assert "Its content was erased" in in_one_line(client.get(listed))


def test_a_former_holder_reads_when_they_held_it_and_no_more(one: Person, other: Person) -> None:
    report = send(a_line()[0], confidential=True)
    holder = open_duty_of(report).holder
    assert holder is not None
    attachment = attach(report)
    erased(report, one, other)
    client, base = signed_in(holder), f"/duties/{report.reference}/"
    page = in_one_line(client.get(base))
    assert "You held the duty to act from" in page
    assert report.reporter.last_name not in page
    assert [client.get(f"{base}{part}").status_code for part in ("act/", f"files/{attachment.pk}/", "pass/")] == [410, 410, 410]
    assert client.post(f"{base}take-up/").status_code == 410
    ended = in_one_line(client.get("/duties/?state=ended"))
    assert "Erased" in ended
    assert "Racist" not in ended.partition("app-list")[2]


def test_of_professional_standards_the_two_who_erased_it_are_shown_why(one: Person, other: Person) -> None:
    hidden, bystander = standards_officer(), standards_officer()
    report = send(a_line()[0], excluded={hidden: Excluded.SENDER}, skip_line=True)
    erased(report, one, other)
    for person in (one, other):
        page = in_one_line(signed_in(person).get(f"/standards/{report.reference}/"))
        assert "Order 12 of the county court" in page
        assert f"{one.name_and_unit} asked for it" in page
        assert report.reference in in_one_line(signed_in(person).get("/standards/?state=erased"))
    for person in (hidden, bystander):
        assert signed_in(person).get(f"/standards/{report.reference}/").status_code == 404
        assert signed_in(person).get(f"/duties/{report.reference}/").status_code == 404
        assert report.reference not in in_one_line(signed_in(person).get("/standards/"))


def test_looking_at_what_is_left_is_no_consultation(one: Person, other: Person) -> None:
    report = send(a_line()[0])
    erased(report, one, other)
    before = chain(report)
    signed_in(one).get(f"/standards/{report.reference}/")
    assert chain(report) == before


def test_no_cache_and_no_session_held_the_words(one: Person) -> None:
    """The pages of a report with the word in every part were drawn and posted; Redis then holds it nowhere."""
    report = a_life(one)
    attachment = attach(report)
    for person, base in (
        (report.reporter, "/reports/"),
        (one, "/standards/"),
        (Duty.objects.filter(report=report).latest("seq").holder, "/duties/"),
    ):
        assert person is not None
        client = signed_in(person)
        assert WORD in in_one_line(client.get(f"{base}{report.reference}/"))
        client.get(f"{base}{report.reference}/files/{attachment.pk}/")
    signed_in(report.reporter).post(f"/reports/{report.reference}/add/", {"key": str(uuid.uuid4()), "text": WORD})
    server = redis.Redis.from_url(settings.REDIS_URL)
    kept = [key for key in server.scan_iter() if WORD.encode() in (server.dump(key) or b"")]
    assert kept == []
    assert Report.objects.filter(pk=report.pk).exists()
