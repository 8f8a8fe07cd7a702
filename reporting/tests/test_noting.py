from __future__ import annotations

import pytest
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.vault.sealing import Erased
from reporting import acting, holding, stepping_aside
from reporting.choices import Excluded, Outcome
from reporting.desk import noting
from reporting.escalation import lapsing
from reporting.models import Exclusion, Note, Report
from reporting.tests.browsing import signed_in, text
from reporting.tests.erasures import erased
from reporting.tests.making import age, chain, looks, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)
WORDS = "Spoke to the sergeant first."


def note(person: Person, report: Report, text: str = WORDS) -> Note:
    return noting.write_note(person=person, report_id=report.pk, text=text)


def read(person: Person, report: Report) -> list[str]:
    return [shown.text for shown in noting.notes_for(person, Report.objects.get(pk=report.pk))]


def test_a_note_is_sealed_and_its_fact_holds_its_key_alone(people: list[Person], report: Report) -> None:
    kept = note(people[2], report)
    fact = Fact.objects.of_kind("note.added").get()
    assert (fact.subject, fact.data) == (report.consultations, {"note": str(kept.pk)})
    assert WORDS not in fact.facts + fact.sealed
    assert "note.added" not in chain(report)
    assert looks(report) == ["note.added"]


def test_the_reporter_never_learns_of_a_note(people: list[Person], report: Report) -> None:
    before = Outbox.objects.filter(to=people[0]).exclude(kind="report.opened").count()
    note(people[2], report)
    page = text(signed_in(people[0]).get(f"/reports/{report.reference}/"))
    assert "note" not in page.replace("keynote", "").replace("noted", "").split("<main")[1].split("</main>")[0].lower()
    assert read(people[0], report) == []
    assert "note" not in str(timeline(report, viewer=people[0]))
    assert Outbox.objects.filter(to=people[0]).exclude(kind="report.opened").count() == before


def test_whoever_holds_the_duty_next_reads_the_notes_of_those_before(people: list[Person], report: Report) -> None:
    note(people[2], report)
    age(report, days=2)
    lapsing.fire_due()
    assert read(people[3], report) == [WORDS]


def test_a_former_holder_reads_nothing_that_was_written_after_their_duty(people: list[Person], report: Report) -> None:
    note(people[2], report)
    age(report, days=2)
    lapsing.fire_due()
    note(people[3], report, "Later")
    assert read(people[2], report) == [WORDS]
    with pytest.raises(holding.NotHolding):
        note(people[2], report)


def test_professional_standards_read_and_write_notes_also_on_a_closed_report(people: list[Person], report: Report) -> None:
    standards = standards_officer()
    note(people[2], report)
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")
    note(standards, report, "Seen")
    assert read(standards, report) == [WORDS, "Seen"]
    assert read(people[2], report) == [WORDS]
    assert f"{people[2].name_and_unit} wrote a note" in str(timeline(report, viewer=standards))


@pytest.mark.parametrize("who", ["stranger", "excluded", "reporter", "stepped aside"])
def test_nobody_else_reads_or_writes_one(who: str, people: list[Person], report: Report) -> None:
    standards = standards_officer()
    note(people[2], report)
    if who == "excluded":
        Exclusion.objects.create(report=report, person=standards, why=Excluded.NAMED)
    if who == "stepped aside":
        stepping_aside.step_aside(person=people[2], report_id=report.pk, reason="I know them.")
    people_by: dict[str, Person] = {
        "stranger": PersonFactory(rank=60),
        "excluded": standards,
        "reporter": people[0],
        "stepped aside": people[2],
    }
    person = people_by[who]
    assert read(person, report) == []
    with pytest.raises(holding.NotYours):
        note(person, report)


def test_notes_go_with_the_report(one: Person, other: Person, people: list[Person], report: Report) -> None:
    note(people[2], report)
    erased(report, one, other)
    assert read(one, report) == []
    with pytest.raises(Erased):
        note(one, report)


def test_the_holders_page_keeps_a_note_and_shows_it(people: list[Person], report: Report) -> None:
    client, base = signed_in(people[2]), f"/duties/{report.reference}/"
    assert "No notes yet." in text(client.get(base))
    assert "Enter your note" in text(client.post(f"{base}note/", {"text": " "}))
    assert WORDS in text(client.post(f"{base}note/", {"text": WORDS}, follow=True))
    age(report, days=2)
    late = text(client.post(f"{base}note/", {"text": "Too late for this"}))
    assert "Nothing was changed" in late
    assert "Too late for this" in late


def test_the_page_of_standards_keeps_a_note_too(report: Report) -> None:
    standards = standards_officer()
    answer = text(signed_in(standards).post(f"/standards/{report.reference}/note/", {"text": WORDS}, follow=True))
    assert WORDS in answer
    assert "No notes yet." not in answer


def test_the_pages_exist_for_nobody_else(people: list[Person], report: Report) -> None:
    for room in ("duties", "standards"):
        address = f"/{room}/{report.reference}/note/"
        assert Client().get(address).status_code == 302
        assert signed_in(people[3]).get(address).status_code == 404
        assert signed_in(people[0]).post(address, {"text": WORDS}).status_code == 404
    assert signed_in(people[2]).put(f"/duties/{report.reference}/note/").status_code == 405
