"""The reporter's page of a report that was sent, and what they may still add to it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client

from portal.notices.models import Outbox
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.record.appending import now
from portal.record.models import Fact
from portal.vault.sealing import erase, read_text, seal
from reporting import acting, adding, waiting
from reporting.choices import DutyState, MessageKind, Outcome
from reporting.drafts import references
from reporting.evidence import keeping as evidence
from reporting.evidence.inspecting import BadFile
from reporting.models import Duty, Message, OutsideRoute, Report
from reporting.standing import present_duties
from reporting.tests import files
from reporting.tests.browsing import signed_in
from reporting.tests.making import standards_officer
from reporting.tests.reporters import a_draft, at_desk, force, sent

pytestmark = pytest.mark.django_db


@pytest.fixture
def constable() -> Person:
    return force()[0]


@pytest.fixture
def report(constable: Person) -> Report:
    return sent(constable)


@pytest.fixture
def mine(client: Client, constable: Person) -> Client:
    client.force_login(constable)
    return client


def page(report: Report) -> str:
    return f"/reports/{report.reference}/"


def holder(report: Report) -> Person:
    person = Duty.objects.get(report=report).holder
    assert person is not None
    return person


def question(report: Report, text: str = "Who else saw it?") -> Message:
    with transaction.atomic():
        asked = Message.objects.create(report=report, kind=MessageKind.QUESTION, author=holder(report), at=now())
        seal(container=report.container, values={f"message-{asked.pk}": text})
        return asked


def add_data(**changes: Any) -> dict[str, Any]:
    return {"key": str(uuid.uuid4()), "text": "One more thing", **changes}


def test_the_page_says_who_has_held_the_duty_since_when(mine: Client, report: Report) -> None:
    shown = mine.get(page(report)).content.decode()
    assert f'Reference <strong class="app-reference">{report.reference}</strong>' in shown
    assert f"The duty to act has been with <strong>{holder(report).name_and_unit.replace(chr(39), '&#x27;')}</strong>" in shown
    assert "Not opened yet" in shown
    assert "The words that were sent" in shown


def test_the_page_shows_the_ways_to_report_outside_the_portal(mine: Client, report: Report) -> None:
    OutsideRoute.objects.create(name="The canteen wall", phone="020 7946 0999")
    assert "The canteen wall" in mine.get(page(report)).content.decode()


@pytest.mark.parametrize("change", [str.lower, lambda text: text.replace("-", ""), lambda text: text.replace("-", " ")])
def test_a_reference_is_found_however_it_is_typed(change: Callable[[str], str], mine: Client, report: Report) -> None:
    assert mine.get(f"/reports/{change(report.reference)}/")["Location"] == page(report)


@pytest.mark.parametrize("reference", ["MR-2222-2222", "nonsense", "MR-0OIL-1111", "%00", "MR-" + "A" * 300])
def test_an_unknown_reference_is_not_found(reference: str, mine: Client) -> None:
    assert mine.get(f"/reports/{reference}/").status_code == 404


def test_a_colleagues_report_does_not_exist(client: Client, report: Report) -> None:
    client.force_login(PersonFactory())
    asked = question(report)
    assert client.get(page(report)).status_code == 404
    assert client.post(f"{page(report)}add/", add_data()).status_code == 404
    assert client.post(f"{page(report)}answer/{asked.pk}/", {f"{asked.pk}-text": "x"}).status_code == 404
    assert Message.objects.count() == 1


def test_signing_in_comes_first(client: Client, report: Report) -> None:
    for address in ("/reports/", "/reports/new/", page(report), f"{page(report)}add/"):
        assert client.get(address)["Location"].startswith("/accounts/login/")


@pytest.mark.parametrize("method", ["put", "delete", "post"])
def test_a_report_cannot_be_changed_or_unsent(method: str, mine: Client, report: Report) -> None:
    assert getattr(mine, method)(page(report)).status_code == 405
    assert mine.get(f"{page(report)}add/").status_code == 405


def test_an_addition_is_kept_sealed_recorded_and_told(mine: Client, report: Report) -> None:
    Outbox.objects.all().delete()
    response = mine.post(f"{page(report)}add/", add_data(attachments=files.upload("a.png", files.picture())))
    assert response["Location"] == page(report)
    added = Message.objects.get(report=report)
    assert read_text(report.container, f"message-{added.pk}") == {f"message-{added.pk}": "One more thing"}
    fact = Fact.objects.for_subject(report.subject).latest("subject_seq")
    assert fact.kind == "report.added"
    assert "One more thing" not in fact.leaf
    notice = Outbox.objects.get(kind="report.added")
    assert (notice.to, notice.link) == (holder(report), f"/duties/{report.reference}/")
    assert report.attachments.count() == 1


def test_an_addition_sent_twice_is_kept_once(mine: Client, report: Report) -> None:
    data = add_data()
    mine.post(f"{page(report)}add/", data)
    assert mine.post(f"{page(report)}add/", data).status_code == 302
    assert Message.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"text": ""}, "Enter what you want to add"),
        ({"text": "x" * 5001}, "Enter 5,000 characters or fewer"),
        ({"text": "a\x00b"}, "Hidden characters"),
    ],
)
def test_a_bad_addition_gets_a_sentence(changes: dict[str, str], sentence: str, mine: Client, report: Report) -> None:
    assert sentence in mine.post(f"{page(report)}add/", add_data(**changes)).content.decode()
    assert not Message.objects.exists()


def test_a_bad_file_keeps_the_addition_on_the_page(mine: Client, report: Report) -> None:
    shown = mine.post(f"{page(report)}add/", add_data(attachments=files.upload("a.png", files.HTML))).content.decode()
    assert "what its name says it is" in shown
    assert "One more thing" in shown
    assert not Message.objects.exists()


def test_an_addition_with_too_many_files_keeps_none_of_them(constable: Person, report: Report) -> None:
    checked = [evidence.check(files.upload(f"{number}.txt", str(number).encode())) for number in range(11)]
    with pytest.raises(BadFile):
        adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="x", files=checked)
    assert not report.attachments.exists()
    assert not Message.objects.exists()


def test_the_same_form_with_other_words_or_another_file_adds_again(constable: Person, report: Report) -> None:
    key, other = uuid.uuid4(), sent(constable)
    picture, note = (
        evidence.check(files.upload("shot.png", files.picture())),
        evidence.check(files.upload("note.txt", b"He said it again.")),
    )
    for about, text, attached in ((report, "x", []), (report, "y", []), (report, "x", [picture]), (report, "x", [note]), (other, "x", [])):
        adding.add_to_report(reporter=constable, report_id=about.pk, key=key, text=text, files=attached)
    assert Message.objects.count() == 5
    assert Fact.objects.of_kind("report.added").count() == 5


def test_a_question_is_shown_and_answered_once(mine: Client, report: Report) -> None:
    asked = question(report)
    assert "Who else saw it?" in mine.get(page(report)).content.decode()
    address, name = f"{page(report)}answer/{asked.pk}/", f"{asked.pk}-text"
    assert mine.post(address, {name: "Two colleagues"})["Location"] == page(report)
    answer = Message.objects.get(answers=asked)
    assert Fact.objects.for_subject(report.subject).latest("subject_seq").data == {"message": str(answer.pk), "answers": str(asked.pk)}
    mine.post(address, {name: "Three"})
    shown = mine.get(page(report)).content.decode()
    assert "You answered this question already" in shown
    assert Message.objects.filter(answers=asked).count() == 1


def test_an_empty_answer_gets_a_sentence(mine: Client, report: Report) -> None:
    asked = question(report)
    assert "Enter your answer" in mine.post(f"{page(report)}answer/{asked.pk}/", {}).content.decode()


def test_there_is_no_answer_to_what_was_not_asked(mine: Client, report: Report) -> None:
    address = f"{page(report)}answer/{uuid.uuid4()}/"
    key = address.split("/")[-2]
    assert mine.post(address, {f"{key}-text": "x"}).status_code == 404


@pytest.mark.parametrize("broken", ["append", "put_all"])
def test_a_failure_while_adding_leaves_nothing_half_written(
    broken: str, constable: Person, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ConnectionError("injected")

    facts = Fact.objects.count()
    monkeypatch.setattr(adding, broken, fail)
    with pytest.raises(ConnectionError):
        adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="x")
    assert (Message.objects.count(), Fact.objects.count()) == (0, facts)


def test_an_addition_tells_the_desk_but_nobody_excluded(constable: Person) -> None:
    named, told = at_desk(PersonFactory()), at_desk(PersonFactory())
    report = sent(constable, managers="yes", named=[str(named.pk)])
    Outbox.objects.all().delete()
    adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="x")
    assert list(Outbox.objects.filter(kind="report.added").values_list("to", flat=True)) == [told.pk]


def test_an_addition_after_somebody_acted_goes_to_the_desk(constable: Person, report: Report) -> None:
    told = at_desk(PersonFactory())
    Duty.objects.filter(report=report).update(state=DutyState.ACTED, acted_at=now(), ended_at=now(), next_due_at=None)
    Outbox.objects.all().delete()
    adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="x")
    readers = Outbox.objects.filter(kind="report.added").order_by("pk")
    assert list(readers.values_list("to", "link")) == [(told.pk, "/duties/")], "nobody else is there, and they hold or held nothing"
    overseer = standards_officer()
    adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="y")
    assert readers.latest("pk").to == overseer
    assert readers.count() == 2, "whoever can open it reads it, and the others are not sent to a page that refuses them"
    assert_opens(overseer, f"/standards/{report.reference}/")


def test_an_addition_leads_a_desk_that_acted_without_the_role_to_its_own_page(constable: Person) -> None:
    told = at_desk(PersonFactory())
    report = sent(constable, managers="yes")
    acting.act(person=told, report_id=report.pk, outcome=Outcome.LOCAL, reasons="I spoke to them.")
    adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="x")
    assert_opens(told, f"/duties/{report.reference}/")


def assert_opens(person: Person, link: str) -> None:
    """Their last notice leads to `link`, and that opens for them."""
    assert Outbox.objects.filter(to=person).latest("pk").link == link
    client = signed_in(person)
    assert client.get(link).status_code == 200


@pytest.mark.parametrize("reference", ["MR%00", "%E2%80%AE", "x" * 3000])
def test_a_file_of_no_such_report_is_not_found(reference: str, mine: Client) -> None:
    assert mine.get(f"/reports/{reference}/files/{uuid.uuid4()}/").status_code == 404


def test_an_erased_file_says_so(mine: Client, constable: Person, report: Report) -> None:
    checked = evidence.check(files.upload("a.txt", b"words"))
    adding.add_to_report(reporter=constable, report_id=report.pk, key=uuid.uuid4(), text="x", files=[checked])
    kept = report.attachments.get()
    assert mine.get(f"{page(report)}files/{kept.pk}/").content == b"words"
    with transaction.atomic():
        erase(report.container)
    assert mine.get(f"{page(report)}files/{kept.pk}/").status_code == 410


def test_an_erased_report_still_has_its_page(mine: Client, report: Report) -> None:
    with transaction.atomic():
        erase(report.container)
    shown = mine.get(page(report)).content.decode()
    assert "The contents of this report were erased" in shown


def test_the_list_shows_drafts_and_reports_and_nobody_elses(mine: Client, constable: Person, report: Report) -> None:
    theirs = sent(PersonFactory(line_manager=constable.line_manager))
    a_draft(constable)
    shown = mine.get("/reports/").content.decode()
    assert report.reference in shown
    assert "Draft saved" in shown
    assert theirs.reference not in shown


def test_an_empty_list_says_so(client: Client) -> None:
    client.force_login(PersonFactory())
    assert "You have sent no reports" in client.get("/reports/").content.decode()


def test_the_list_has_pages(mine: Client, constable: Person) -> None:
    references_sent = [sent(constable).reference for _ in range(21)]
    assert references_sent[-1] in mine.get("/reports/").content.decode()
    assert references_sent[0] in mine.get("/reports/?page=2").content.decode()
    assert mine.get("/reports/?page=x").status_code == 200


def test_the_front_page_line_takes_one_query(constable: Person, report: Report, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):
        (line,) = waiting.my_reports(constable)
    assert line.href == page(report)
    assert line.line.startswith(f"With {holder(report).name} since")
    assert line.line.endswith("Not opened yet.")


def test_the_front_page_line_is_found_by_indexes(constable: Person) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        plan = present_duties(constable)[:5].explain()
    assert "Index Cond: (reporter_id = " in plan
    assert "Seq Scan on reporting" not in plan


def test_the_pages_ask_the_database_a_fixed_number_of_times(
    mine: Client, constable: Person, report: Report, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        sent(constable)
    with django_assert_max_num_queries(6):
        mine.get("/reports/")
    with django_assert_max_num_queries(17):
        mine.get(page(report))


def test_references_show_every_single_wrong_character() -> None:
    reference = references.new_reference()
    assert references.tidy(reference) == reference
    for place in (3, 4, 5, 6, 8, 9, 10, 11):
        wrong = [reference[:place] + other + reference[place + 1 :] for other in references.ALPHABET if other != reference[place]]
        assert not any(references.tidy(text) for text in wrong)


def test_references_leave_out_characters_that_look_alike() -> None:
    assert not set("01OILU") & set("".join(references.new_reference()[3:] for _ in range(200)))
