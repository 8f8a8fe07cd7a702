from __future__ import annotations

import base64
import json
import uuid
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.db.models import F

from portal.notices.models import Outbox
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.vault.models import Item
from portal.vault.sealing import Erased, commitment, open_all, open_sealed, seal
from portal.vault.sweeping import sweep_files
from reporting import acting, adding, asking, contents, erasing, evidence, lapsing, opening, passing, stepping_aside
from reporting.choices import DutyState, ErasureState, Excluded, Ground, Outcome, ReportState
from reporting.erasing import CannotErase
from reporting.holding import NotYours
from reporting.models import Attachment, Decision, Duty, Erasure, Exclusion, Message, Report
from reporting.tests import files
from reporting.tests.making import a_line, age, chain, open_duty_of, send, standards_officer

Together = Callable[..., list[Any]]
pytestmark = pytest.mark.django_db(transaction=True)
WORD = "Zarniwoopish-7731"  # in everything private of one report, and nowhere else
LONG_AGO = 366 * 7


@pytest.fixture(autouse=True)
def folder(settings: LazySettings, tmp_path: Path) -> Path:
    settings.VAULT_FILES = tmp_path / "vault"
    return tmp_path / "vault"


@pytest.fixture
def one() -> Person:
    return standards_officer(last_name="Asker")


@pytest.fixture
def other() -> Person:
    return standards_officer(last_name="Decider")


def closed(days: float = LONG_AGO, **fields: Any) -> Report:
    """A report that was acted on so many days ago."""
    report = send(a_line()[0], **fields)
    holder = open_duty_of(report).holder
    assert holder is not None
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Dealt with.")
    past(report, days)
    return Report.objects.get(pk=report.pk)


def past(report: Report, days: float) -> None:
    by = timedelta(days=days)
    Report.objects.filter(pk=report.pk).update(sent_at=F("sent_at") - by)
    Duty.objects.filter(report=report).update(ended_at=F("ended_at") - by, acted_at=F("acted_at") - by)
    Decision.objects.filter(duty__report=report).update(decided_at=F("decided_at") - by)
    Message.objects.filter(report=report).update(at=F("at") - by)


def asked(report: Report, person: Person, ground: Ground = Ground.ORDER, reason: str = "Order 12 of the county court") -> Erasure:
    return erasing.ask_to_erase(person=person, report_id=report.pk, ground=ground, reason=reason)


def erased(report: Report, one: Person, other: Person, ground: Ground = Ground.ORDER) -> Erasure:
    return erasing.erase(person=other, erasure_id=asked(report, one, ground).pk, reference=report.reference)


def attach(report: Report, text: str = WORD) -> Attachment:
    checked = evidence.check(files.upload(f"{WORD}.txt", f"[03/03/2025] Ada: {text}\n".encode() * 3))
    adding.add_to_report(reporter=report.reporter, report_id=report.pk, key=uuid.uuid4(), text=WORD, files=[checked])
    attachment: Attachment = report.attachments.latest("added_at")
    return attachment


def a_life(one: Person) -> Report:
    """A report with everything that anybody can write into one, each with the word in it, and a member of the desk excluded."""
    people, sender = a_line(), PersonFactory(last_name="Sender")
    report = send(people[0], excluded={sender: Excluded.SENDER})
    with transaction.atomic():
        seal(container=report.container, values={"others": WORD})
    attachment = attach(report)
    holder = open_duty_of(report).holder
    assert holder is not None
    opening.open_duty(person=holder, report_id=report.pk, why="duty")
    question = asking.ask(person=holder, report_id=report.pk, question=WORD)
    adding.answer_question(reporter=report.reporter, report_id=report.pk, question_id=question.pk, text=WORD)
    evidence.original(person=holder, attachment=attachment, why=WORD)
    passing.pass_on(person=holder, report_id=report.pk, to=PersonFactory(rank=30).pk, reason=WORD)
    holder = open_duty_of(report).holder
    assert holder is not None
    stepping_aside.step_aside(person=holder, report_id=report.pk, reason=WORD)
    duty = open_duty_of(report)
    holder = duty.holder or one
    Duty.objects.filter(pk=duty.pk).update(skipped=[{"person": str(sender.pk), "why": "excluded"}, *duty.skipped])
    acting.act(person=holder, report_id=report.pk, outcome=Outcome.LOCAL, reasons=WORD, shared=WORD)
    return Report.objects.get(pk=report.pk)


def found_in_tables(owner: Any, *needles: bytes) -> list[str]:
    """Every column of every table, whatever its type, that holds one of `needles` as text, as bytes, or as the text of bytes."""
    columns = owner.execute(
        "SELECT table_name, column_name FROM information_schema.columns JOIN information_schema.tables USING (table_schema, table_name)"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    ).fetchall()
    assert len(columns) > 100
    found = []
    for table, column in columns:
        for needle in needles:
            looks = (f"%{needle.decode()}%", f"%{needle.hex()}%", f"%{_base64(needle)}%") if needle.isascii() else (f"%{needle.hex()}%",)
            query = f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE ANY(%s)'  # noqa: S608 - the catalogue's own names
            if owner.execute(query, [list(looks)]).fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


def _base64(needle: bytes) -> str:
    return base64.b64encode(needle[: len(needle) // 3 * 3]).decode()


def found_on_disk(*needles: bytes) -> list[Path]:
    everything = [path for path in Path(settings.VAULT_FILES).parent.rglob("*") if path.is_file()]
    return [path for path in everything if any(needle in path.read_bytes() for needle in needles)]


def test_after_an_erasure_the_words_are_nowhere_and_what_was_sealed_is_gone(one: Person, other: Person, owner_connection: Any) -> None:
    report = a_life(one)
    needles = [WORD.encode()]
    assert {name for name in open_sealed(report.container) if WORD.encode() in open_sealed(report.container, name)[name]} >= {"others"}
    assert sum(WORD.encode() in value for value in open_sealed(report.container).values()) >= 10
    assert found_in_tables(owner_connection, *needles) == []
    assert found_on_disk(*needles) == []
    salts = [opened.salt for opened in open_all(report.container).values()]
    sealed = [
        bytes(kept) for kept in Item.objects.filter(container_id=report.container, sealed__isnull=False).values_list("sealed", flat=True)
    ]
    before = Path(settings.VAULT_FILES)
    assert len([path for path in before.rglob("*") if path.is_file()]) == 1
    assert found_in_tables(owner_connection, sealed[0]) == ["vault_item.sealed"]

    erased(report, one, other)

    assert found_in_tables(owner_connection, *needles, *salts, sealed[0], sealed[-1]) == []
    assert [path for path in before.rglob("*") if path.is_file()] == []
    assert not Item.objects.filter(container_id=report.container).exists()
    with pytest.raises(Erased):
        contents.read(report)
    with pytest.raises(Erased):
        open_all(report.container)


def test_an_accusation_goes_with_the_words(one: Person, other: Person, owner_connection: Any) -> None:
    report = a_life(one)
    sender = Exclusion.objects.get(report=report, why=Excluded.SENDER).person
    key = str(sender.pk).encode()
    tables = found_in_tables(owner_connection, key)
    assert "reporting_exclusion.person_id" in tables
    assert "reporting_duty.skipped" in tables
    erased(report, one, other)
    assert found_in_tables(owner_connection, key) == ["people_person.id"]
    assert list(report.exclusions.values_list("why", flat=True)) == [Excluded.REPORTER]


def test_facts_chain_tree_and_commitments_stand(one: Person, other: Person, keeper: Keeper) -> None:
    report = a_life(one)
    keeper.round()
    before = {fact.pk: bytes(fact.leaf_hash) for fact in Fact.objects.all()}
    leaf = Fact.objects.for_subject(report.subject).of_kind("report.sent").get()
    was = open_all(report.container, "message")["message"]
    assert commitment(was.salt, was.value) == json.loads(leaf.sealed)["message"]
    erased(report, one, other)
    keeper.round()
    after = {fact.pk: bytes(fact.leaf_hash) for fact in Fact.objects.filter(pk__in=before)}
    assert after == before
    call_command("verify_record")  # raises for a record that disagrees with itself
    assert chain(report)[-2:] == ["erasure.asked", "report.erased"]
    assert commitment(was.salt, was.value) == json.loads(leaf.sealed)["message"]  # whoever kept salt and value can still show it


def test_the_fact_says_who_asked_who_approved_and_under_what(one: Person, other: Person) -> None:
    report = closed()
    erasure = erased(report, one, other, Ground.RETENTION)
    fact = Fact.objects.for_subject(report.subject).latest("subject_seq")
    assert fact.kind == "report.erased"
    assert fact.actor == f"person:{other.pk}"
    told = fact.data
    assert erasure.decided_at is not None
    assert (told["ground"], told["asked_by"], told["approved_by"]) == ("retention", f"person:{one.pk}", f"person:{other.pk}")
    assert "duty" not in told
    name = f"erasure-{erasure.pk}"
    kept = open_all(erasure.container, name)[name]
    assert json.loads(fact.sealed) == {name: commitment(kept.salt, kept.value)}
    assert kept.value == b"Order 12 of the county court"
    assert erasure.state == ErasureState.DONE


def test_the_reason_is_sealed_apart_and_outlives_the_report(one: Person, other: Person, owner_connection: Any) -> None:
    report = closed()
    erasure = asked(report, one, reason=WORD)
    assert found_in_tables(owner_connection, WORD.encode()) == []
    erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference)
    assert erasing.reason_of(erasure) == WORD


def test_one_person_alone_erases_nothing(one: Person) -> None:
    report = closed()
    erasure = asked(report, one)
    for verb in (
        lambda: erasing.erase(person=one, erasure_id=erasure.pk, reference=report.reference),
        lambda: erasing.refuse(person=one, erasure_id=erasure.pk, reason="No"),
    ):
        with pytest.raises(CannotErase, match="somebody else"):
            verb()
    with pytest.raises(IntegrityError, match="erasure_two_people"), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.DONE, decided_by=one, decided_at=F("asked_at"))
    with pytest.raises(IntegrityError, match="erasure_two_people"), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.DONE, decided_by=None, decided_at=F("asked_at"))
    assert contents.read(report).message == "The words of the message."


def test_another_reference_erases_nothing(one: Person, other: Person) -> None:
    report, neighbour = closed(), closed()
    erasure = asked(report, one)
    for typed in (neighbour.reference, "", "yes"):
        with pytest.raises(CannotErase, match="reference"):
            erasing.erase(person=other, erasure_id=erasure.pk, reference=typed)
    erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference.lower().replace("-", " "))
    assert contents.read(neighbour).message


def test_only_professional_standards_who_may_know_of_it_ask_or_decide(one: Person) -> None:
    hidden, reporter = standards_officer(), standards_officer()
    report = send(reporter, excluded={hidden: Excluded.SENDER})
    left = standards_officer(is_active=False)
    administrator = PersonFactory(is_superuser=True)
    administrator.groups.add(Group.objects.get_or_create(name=Role.ADMINISTRATOR)[0])
    superintendent: Person = PersonFactory(rank=60)
    erasure = asked(report, one)
    for person in (hidden, reporter, left, administrator, superintendent):
        with pytest.raises(NotYours):
            asked(report, person)
        with pytest.raises(NotYours):
            erasing.erase(person=person, erasure_id=erasure.pk, reference=report.reference)
        with pytest.raises(NotYours):
            erasing.refuse(person=person, erasure_id=erasure.pk, reason="No")
    with pytest.raises(NotYours):
        erasing.erase(person=one, erasure_id=uuid.uuid4(), reference=report.reference)
    with pytest.raises(NotYours):
        erasing.ask_to_erase(person=one, report_id=uuid.uuid4(), ground=Ground.ORDER, reason="x")


@pytest.mark.parametrize("days", [0, 6 * 365])
def test_the_retention_rule_waits_for_its_years_by_the_databases_clock(one: Person, days: int) -> None:
    with pytest.raises(CannotErase, match="6 years ago"):
        asked(closed(days), one, Ground.RETENTION)
    assert not Erasure.objects.exists()


def test_the_number_of_years_is_the_forces(one: Person, settings: LazySettings) -> None:
    settings.RETENTION_YEARS = 1
    assert asked(closed(367), one, Ground.RETENTION).state == ErasureState.ASKED


def test_what_was_added_since_starts_the_years_anew(one: Person) -> None:
    report = closed()
    adding.add_to_report(reporter=report.reporter, report_id=report.pk, key=uuid.uuid4(), text="One more thing")
    with pytest.raises(CannotErase, match="lawful order only"):
        asked(report, one, Ground.RETENTION)


def test_an_open_duty_yields_to_a_lawful_order_only_and_ends_with_it(one: Person, other: Person) -> None:
    report = send(a_line()[0])
    duty = open_duty_of(report)
    with pytest.raises(CannotErase, match="still holds the duty"):
        asked(report, one, Ground.RETENTION)
    erased(report, one, other)
    duty.refresh_from_db()
    report.refresh_from_db()
    assert (duty.state, duty.next_due_at, report.state) == (DutyState.ERASED, None, ReportState.ERASED)
    assert Fact.objects.for_subject(report.subject).latest("subject_seq").data["duty"] == duty.pk
    assert Outbox.objects.filter(to=duty.holder, kind="report.erased").exists()
    assert lapsing.fire_due() == 0


def test_a_deadline_that_passed_is_kept_before_the_report_is_erased(one: Person, other: Person) -> None:
    report = send(a_line()[0])
    erasure = asked(report, one)
    age(report, days=2)
    erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference)
    assert chain(report)[-3:] == ["deadline.missed", "duty.passed", "report.erased"]


def test_a_request_that_was_decided_or_withdrawn_is_not_decided_again(one: Person, other: Person) -> None:
    report = closed()
    first = asked(report, one)
    with pytest.raises(CannotErase, match="already asked"):
        asked(report, other)
    with pytest.raises(CannotErase, match="Only the person who asked"):
        erasing.withdraw(person=other, erasure_id=first.pk)
    erasing.withdraw(person=one, erasure_id=first.pk)
    with pytest.raises(CannotErase, match="withdrawn already"):
        erasing.erase(person=other, erasure_id=first.pk, reference=report.reference)
    second = asked(report, other)
    erasing.refuse(person=one, erasure_id=second.pk, reason="The order names another report")
    with pytest.raises(CannotErase, match="refused already"):
        erasing.refuse(person=one, erasure_id=second.pk, reason="x")
    assert open_sealed(second.container, f"refusal-{second.pk}")[f"refusal-{second.pk}"] == b"The order names another report"
    assert chain(report)[-4:] == ["erasure.asked", "erasure.withdrawn", "erasure.asked", "erasure.refused"]
    erased(report, one, other)
    for verb in (lambda: asked(report, one), lambda: erasing.withdraw(person=other, erasure_id=second.pk)):
        with pytest.raises(Erased):
            verb()


def test_whoever_could_decide_is_told_then_the_asker_and_the_reporter(one: Person, other: Person) -> None:
    hidden = standards_officer()
    report = send(a_line()[0], excluded={hidden: Excluded.NAMED})
    erasure = asked(report, one)
    assert list(Outbox.objects.filter(kind="erasure.asked").values_list("to", flat=True)) == [other.pk]
    erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference)
    assert Outbox.objects.get(kind="erasure.decided").to == one
    assert Outbox.objects.filter(kind="report.erased", to=report.reporter, link=f"/reports/{report.reference}/").exists()


def test_two_approvals_at_once_erase_once(together: Together, one: Person, other: Person) -> None:
    report, third = closed(), standards_officer()
    erasure = asked(report, one)
    answers = together(
        *(lambda p=person: erasing.erase(person=p, erasure_id=erasure.pk, reference=report.reference) for person in (other, third))
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Erased", "Erasure"]
    assert chain(report).count("report.erased") == 1


def test_an_approval_and_a_refusal_at_once_leave_one(together: Together, one: Person, other: Person) -> None:
    report, third = closed(), standards_officer()
    erasure = asked(report, one)
    together(
        lambda: erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference),
        lambda: erasing.refuse(person=third, erasure_id=erasure.pk, reason="No"),
    )
    assert [kind for kind in chain(report) if kind in ("report.erased", "erasure.refused")] in (["report.erased"], ["erasure.refused"])


def test_two_requests_at_once_make_one(together: Together, one: Person, other: Person) -> None:
    report = closed()
    answers = together(lambda: asked(report, one), lambda: asked(report, other))
    assert sorted(type(answer).__name__ for answer in answers) == ["CannotErase", "Erasure"]


@pytest.mark.parametrize("_again", range(3))
def test_a_file_uploaded_or_opened_meanwhile_leaves_nothing_behind(together: Together, one: Person, other: Person, _again: int) -> None:
    report = closed()
    attachment = attach(report)
    erasure = asked(report, one)
    answers = together(
        lambda: erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference),
        lambda: attach(report, "later"),
        lambda: evidence.original(person=one, attachment=attachment, why="Checking"),
    )
    assert isinstance(answers[0], Erasure)
    assert all(not isinstance(answer, Exception) or isinstance(answer, Erased) for answer in answers), answers
    assert not Item.objects.filter(container_id=report.container).exists()
    assert not Attachment.objects.filter(report=report).exists()
    sweep_files(older_than=timedelta())
    assert [path for path in Path(settings.VAULT_FILES).rglob("*") if path.is_file()] == []


def test_an_erasure_that_is_rolled_back_erases_nothing(one: Person, other: Person) -> None:
    report = closed()
    attachment = attach(report)
    erasure = asked(report, one)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erasing.erase(person=other, erasure_id=erasure.pk, reference=report.reference)
        raise ZeroDivisionError
    assert contents.read(report).message
    assert WORD.encode() in evidence.original(person=one, attachment=attachment, why="Checking").data


def test_nothing_can_be_written_about_an_erased_report(one: Person, other: Person) -> None:
    report = send(a_line()[0])
    holder = open_duty_of(report).holder
    assert holder is not None
    erased(report, one, other)
    before, at_once = chain(report), {"person": holder, "report_id": report.pk}
    for verb in (
        lambda: adding.add_to_report(reporter=report.reporter, report_id=report.pk, key=uuid.uuid4(), text="More"),
        lambda: adding.answer_question(reporter=report.reporter, report_id=report.pk, question_id=uuid.uuid4(), text="More"),
        lambda: acting.act(**at_once, outcome=Outcome.LOCAL, reasons="x"),
        lambda: acting.act_late(**at_once, outcome=Outcome.LOCAL, reasons="x"),
        lambda: asking.ask(**at_once, question="x"),
        lambda: opening.open_duty(**at_once, why="duty"),
        lambda: passing.pass_on(**at_once, to=one.pk, reason="x"),
        lambda: stepping_aside.step_aside(**at_once, reason="x"),
    ):
        with pytest.raises(Erased):
            verb()
    assert chain(report) == before


def test_who_was_excluded_does_not_come_to_know_of_it_by_the_erasure(one: Person, other: Person) -> None:
    hidden, bystander = standards_officer(), standards_officer()
    report = send(a_line()[0], excluded={hidden: Excluded.SENDER}, skip_line=True)
    erased(report, one, other)
    for person in (hidden, bystander, report.reporter):
        assert not Report.objects.known_to(person).exists()
        assert not Report.objects.held_by(person).exists()
    for person in (one, other):
        assert Report.objects.all().overseen_by(person).get() == report


def test_the_databases_own_rule_needs_no_python() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'erasure_two_people'")
        ((rule,),) = cursor.fetchall()
    assert "asked_by_id" in rule
    assert "decided_by_id" in rule
