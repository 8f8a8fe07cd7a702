from __future__ import annotations

import json
import uuid

import pytest
from django.conf import LazySettings
from django.contrib.auth.models import Group
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now

from portal.notices.delivering import deliver_batch, send_again
from portal.notices.kinds import group_of
from portal.notices.models import Outbox, State
from portal.notices.outbox import put
from portal.people.models import Person, Role
from portal.people.tests.factories import PersonFactory
from portal.record.models import Fact
from portal.requests.choices import ErasureState, Ground
from portal.vault.sealing import Erased, commitment, open_all, open_sealed
from reporting import acting, adding, asking, contents, opening, passing, stepping_aside
from reporting.choices import Conflicted, DutyState, Excluded, Outcome, ReportState
from reporting.desk import excluding
from reporting.erasure import erasing
from reporting.erasure.erasing import CannotErase
from reporting.escalation import lapsing
from reporting.evidence import keeping as evidence
from reporting.holding import NotYours
from reporting.models import Erasure, Report
from reporting.tests.erasures import WORD, asked, attach, closed, erased
from reporting.tests.making import a_line, age, chain, looks, open_duty_of, send, standards_officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


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


def test_one_person_alone_erases_nothing(one: Person) -> None:
    report = closed()
    erasure = asked(report, one)
    for verb in (
        lambda: erasing.erase(person=one, key=erasure.pk, reference=report.reference),
        lambda: erasing.refuse(person=one, key=erasure.pk, reason="No"),
    ):
        with pytest.raises(CannotErase, match="somebody else"):
            verb()
    with pytest.raises(IntegrityError, match="erasure_two_people"), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.DONE, decided_by=one, decided_at=F("asked_at"))
    with pytest.raises(IntegrityError, match="erasure_two_people"), transaction.atomic():
        Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.DONE, decided_by=None, decided_at=F("asked_at"))
    assert contents.read(report).message == "The words of the message."


def test_what_somebody_asked_who_left_standards_since_is_not_erased_by_one_alone(one: Person, other: Person) -> None:
    report = closed()
    erasure = asked(report, one)
    one.groups.clear()
    with pytest.raises(CannotErase, match="Refuse it"):
        erasing.erase(person=other, key=erasure.pk, reference=report.reference)
    erasing.refuse(person=other, key=erasure.pk, reason="They left.")
    assert contents.read(report).message


def test_another_reference_erases_nothing(one: Person, other: Person) -> None:
    report, neighbour = closed(), closed()
    erasure = asked(report, one)
    for typed in (neighbour.reference, "", "yes"):
        with pytest.raises(CannotErase, match="reference"):
            erasing.erase(person=other, key=erasure.pk, reference=typed)
    erasing.erase(person=other, key=erasure.pk, reference=report.reference.lower().replace("-", " "))
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
            erasing.erase(person=person, key=erasure.pk, reference=report.reference)
        with pytest.raises(NotYours):
            erasing.refuse(person=person, key=erasure.pk, reason="No")
    with pytest.raises(NotYours):
        erasing.erase(person=one, key=uuid.uuid4(), reference=report.reference)
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
    told = Outbox.objects.get(to=duty.holder, link="/duties/")
    assert (told.kind, group_of(told.kind).always) == ("duty.ended", True)  # their list says nothing of where it went: nobody mutes it
    assert lapsing.fire_due() == 0


def test_a_deadline_that_passed_is_kept_before_the_report_is_erased(one: Person, other: Person) -> None:
    report = send(a_line()[0])
    erasure = asked(report, one)
    age(report, days=2)
    erasing.erase(person=other, key=erasure.pk, reference=report.reference)
    assert chain(report)[-3:] == ["deadline.missed", "duty.passed", "report.erased"]


def test_a_request_that_was_decided_or_withdrawn_is_not_decided_again(one: Person, other: Person) -> None:
    report = closed()
    first = asked(report, one)
    with pytest.raises(CannotErase, match="already asked"):
        asked(report, other)
    with pytest.raises(CannotErase, match="Only the person who asked"):
        erasing.withdraw(person=other, key=first.pk)
    erasing.withdraw(person=one, key=first.pk)
    with pytest.raises(CannotErase, match="withdrawn already"):
        erasing.erase(person=other, key=first.pk, reference=report.reference)
    second = asked(report, other)
    erasing.refuse(person=one, key=second.pk, reason="The order names another report")
    with pytest.raises(CannotErase, match="refused already"):
        erasing.refuse(person=one, key=second.pk, reason="x")
    assert open_sealed(second.container, f"refusal-{second.pk}")[f"refusal-{second.pk}"] == b"The order names another report"
    assert looks(report)[-4:] == ["erasure.asked", "erasure.withdrawn", "erasure.asked", "erasure.refused"]
    erased(report, one, other)
    for verb in (lambda: asked(report, one), lambda: erasing.withdraw(person=other, key=second.pk)):
        with pytest.raises(Erased):
            verb()


def test_whoever_could_decide_is_told_then_the_asker_and_the_reporter(one: Person, other: Person) -> None:
    hidden = standards_officer()
    report = send(a_line()[0], excluded={hidden: Excluded.NAMED})
    erasure = asked(report, one)
    assert list(Outbox.objects.filter(kind="erasure.asked").values_list("to", flat=True)) == [other.pk]
    erasing.erase(person=other, key=erasure.pk, reference=report.reference)
    assert Outbox.objects.get(kind="erasure.decided").to == one
    assert Outbox.objects.filter(kind="report.erased", to=report.reporter, link=f"/reports/{report.reference}/").exists()


def test_an_erasure_that_is_rolled_back_erases_nothing(one: Person, other: Person) -> None:
    report = closed()
    attachment = attach(report)
    erasure = asked(report, one)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        erasing.erase(person=other, key=erasure.pk, reference=report.reference)
        raise ZeroDivisionError
    assert contents.read(report).message
    assert WORD.encode() in evidence.original(person=one, attachment=attachment, why="Checking").data


def test_nothing_can_be_written_about_an_erased_report(one: Person, other: Person) -> None:
    report = send(a_line()[0])
    holder = open_duty_of(report).holder
    assert holder is not None
    erased(report, one, other)
    before, key = chain(report), report.pk
    for verb in (
        lambda: adding.add_to_report(reporter=report.reporter, report_id=report.pk, key=uuid.uuid4(), text="More"),
        lambda: adding.answer_question(reporter=report.reporter, report_id=report.pk, question_id=uuid.uuid4(), text="More"),
        lambda: acting.act(person=holder, report_id=key, outcome=Outcome.LOCAL, reasons="x"),
        lambda: acting.act_late(person=holder, report_id=key, outcome=Outcome.LOCAL, reasons="x"),
        lambda: asking.ask(person=holder, report_id=key, question="x"),
        lambda: opening.open_duty(person=holder, report_id=key, why="duty"),
        lambda: passing.pass_on(person=holder, report_id=key, to=one.pk, reason="x"),
        lambda: stepping_aside.step_aside(person=holder, report_id=key, reason="x"),
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


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, State.WITHHELD, State.GATHERED])
def test_a_notice_that_had_not_left_neither_leaves_once_nobody_knows_who_was_excluded_nor_tells_who(
    one: Person, other: Person, state: State
) -> None:
    third, report = standards_officer(last_name="Third"), send(a_line()[0], skip_line=True)
    to_third, to_one = (Outbox.objects.get(to=person, kind="duty.passed") for person in (third, one))
    with transaction.atomic():
        put(to=third, kind="digest.daily", subject="New", body="", link="/", dedupe="digest")
    digest = Outbox.objects.get(kind="digest.daily") if state == State.GATHERED else None
    excluding.exclude(person=one, report_id=report.pk, whom=third, why=Conflicted.SENDER, reason="It is their number.")
    Outbox.objects.filter(pk__in=[to_third.pk, to_one.pk]).update(state=state, gathered_in=digest, last_error="must not know of the report")
    erased(report, one, other)
    send_again(keys=[to_third.pk])
    Outbox.objects.filter(state=State.HELD).update(next_try_at=Now())
    deliver_batch()
    for notice in (to_third, to_one):
        notice.refresh_from_db()
    assert not Outbox.objects.filter(to=third, link__contains=report.reference, state=State.SENT).exists()
    assert (to_third.state, to_third.last_error) == (State.WITHHELD, "the report was erased")
    assert (to_one.state, to_one.last_error) == (to_third.state, to_third.last_error)
    told = Outbox.objects.filter(state=State.SENT).values_list("kind", "to")
    assert {("report.erased", report.reporter_id), ("erasure.decided", one.pk), ("duty.ended", other.pk)} <= set(told)
    assert ("duty.ended", third.pk) not in told


def test_the_databases_own_rule_needs_no_python() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'erasure_two_people'")
        ((rule,),) = cursor.fetchall()
    assert "asked_by_id" in rule
    assert "decided_by_id" in rule
