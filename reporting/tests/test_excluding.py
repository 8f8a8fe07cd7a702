"""Professional standards exclude somebody from a report that was sent, and let them back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, State
from portal.people.models import Absence, Person
from portal.people.tests.factories import PersonFactory
from portal.record.appending import person_actor
from portal.record.models import Fact
from portal.vault.sealing import Erased
from reporting import acting, holding, opening, reopening, taking_up, unrecorded
from reporting.agreement import agreeing, states, work
from reporting.choices import Conflicted, DutyState, Excluded, Outcome, Why
from reporting.counting import asides
from reporting.desk import assigning, conflicts, excluding, links, noting
from reporting.desk.excluding import CannotExclude
from reporting.models import Assignment, Conflict, Duty, Exclusion, Lapse, Report
from reporting.tests.erasures import erased
from reporting.tests.making import age, chain, looks, open_duty_of, send, standards_officer
from reporting.timeline import timeline

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Her phone number is in the exported chat."


@pytest.fixture
def third() -> Person:
    """Who in professional standards still knows of it once one of two is excluded."""
    return standards_officer(last_name="Third")


def exclude(person: Person, report: Report, whom: Person, why: Conflicted = Conflicted.SENDER) -> Duty | None:
    return excluding.exclude(person=person, report_id=report.pk, whom=whom, why=why, reason=REASON)


def readmit(person: Person) -> Conflict:
    return excluding.readmit(person=person, conflict_id=Conflict.objects.latest("at").pk, reason="Another Okafor.")


def whole(report: Report, viewer: Person) -> str:
    return "\n".join(f"{event.text}\n{event.detail}" for event in timeline(report, viewer=viewer))


def disagreements() -> list[str]:
    return [*agreeing.disagreements(), *states.disagreements(), *work.disagreements()]


def test_somebody_found_out_is_excluded_and_the_fact_does_not_name_them(one: Person, report: Report) -> None:
    whom = PersonFactory(last_name="Found")
    assert exclude(one, report, whom) is None
    assert Exclusion.objects.get(report=report, person=whom).why == Excluded.FOUND
    conflict = Conflict.objects.get()
    fact = Fact.objects.of_kind("conflict.found").get()
    assert (fact.subject, fact.actor, fact.data) == (report.consultations, person_actor(one), {"conflict": str(conflict.pk)})
    assert str(whom.pk) not in fact.leaf
    assert REASON not in fact.leaf
    assert chain(report) == ["report.sent", "duty.passed"]
    assert not Outbox.objects.filter(to=whom).exists()
    assert disagreements() == []


def test_standards_read_who_excluded_whom_and_why_and_nobody_else_does(
    one: Person, other: Person, people: list[Person], report: Report
) -> None:
    whom = PersonFactory(last_name="Found")
    exclude(one, report, whom)
    told = whole(report, other)
    assert f"{one.name_and_unit} excluded {whom.name_and_unit} from this report" in told
    assert f"Sent the message.\n\n{REASON}" in told
    (shown,) = conflicts.kept_out(other, report)
    assert (shown.who, shown.by, shown.reason) == (whom.name_and_unit, one.name_and_unit, REASON)
    for viewer in (people[0], people[2]):
        assert "excluded" not in whole(report, viewer)
        assert conflicts.kept_out(viewer, report) == []


def test_a_holder_who_is_excluded_loses_the_duty_at_once(one: Person, people: list[Person], report: Report) -> None:
    constable, _, inspector, chief, _ = people
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    moved = exclude(one, report, inspector)
    first = Duty.objects.get(report=report, seq=1)
    assert moved == open_duty_of(report)
    assert (moved.holder, moved.why, first.state, first.ended_at) == (chief, Why.MOVED, DutyState.MOVED, moved.from_at)
    assert (moved.level, moved.act_due_at - moved.from_at) == (1, timedelta(days=1))
    fact = Fact.objects.of_kind("duty.passed").latest("pk")
    assert fact.actor == "process:standards"
    assert str(inspector.pk) not in fact.leaf
    assert disagreements() == []
    told = Outbox.objects.get(kind="report.passed")
    assert (told.to, told.body.count("because professional standards moved it")) == (constable, 1)
    assert Outbox.objects.filter(kind="duty.passed", to=chief).exists()


def test_nobody_reads_why_a_duty_was_moved_but_professional_standards(one: Person, people: list[Person], report: Report) -> None:
    constable, _, inspector, chief, _ = people
    exclude(one, report, inspector)
    for viewer in (constable, chief):
        told = whole(report, viewer)
        assert "Professional standards moved the duty to" in told
        for secret in (one.last_name, "may not hold it", "excluded", REASON):
            assert secret not in told.replace(viewer.name_and_unit, "")
    assert f"{inspector.name_and_unit} (may not hold it)" in whole(report, one)


def test_whoever_was_excluded_is_as_one_who_never_held_it(one: Person, people: list[Person], report: Report) -> None:
    inspector = people[2]
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    unrecorded.save(person=inspector, report_id=report.pk, typed={"reasons": ["Begun"]})
    exclude(one, report, inspector)
    assert not Report.objects.held_by(inspector).exists()
    assert not Duty.objects.all().held_by(inspector).exists()
    assert unrecorded.read(inspector, report) is None
    assert timeline(report, viewer=one)
    for verb in (taking_up.take_up, lambda **who: opening.open_duty(**who, why="duty")):
        with pytest.raises(holding.NotYours):
            verb(person=inspector, report_id=report.pk)


def test_notices_that_wait_for_them_are_withheld_and_they_get_no_other(one: Person, people: list[Person], report: Report) -> None:
    inspector = people[2]
    before = list(Outbox.objects.filter(to=inspector))
    assert before
    exclude(one, report, inspector)
    deliver_batch()
    assert list(Outbox.objects.filter(to=inspector)) == before
    assert set(Outbox.objects.filter(to=inspector).values_list("state", flat=True)) == {State.WITHHELD}


@pytest.mark.usefixtures("third")
def test_a_member_of_the_desk_is_excluded_and_the_desk_keeps_the_duty(one: Person, other: Person, people: list[Person]) -> None:
    report = send(people[0], skip_line=True)
    assigning.assign(person=one, report_id=report.pk, to=other.pk)
    assert exclude(one, report, other) is None
    duty = open_duty_of(report)
    assert (duty.post is not None, duty.seq) == (True, 1)
    assert assigning.members_of([duty]) == {}
    assert "duty.unassigned" not in looks(report)  # that fact would name them
    assert disagreements() == []
    with pytest.raises(holding.NotYours):
        noting.write_note(person=other, report_id=report.pk, text="Mine")


def test_the_last_free_member_of_the_desk_that_holds_it_stays(other: Person, people: list[Person]) -> None:
    report, supervisor = send(people[0], skip_line=True), standards_officer()
    supervisor.posts.clear()
    with pytest.raises(CannotExclude, match=r"Nobody else at .* Ask an administrator to add somebody, then exclude them\."):
        exclude(supervisor, report, other)
    standards_officer()
    exclude(supervisor, report, other)
    assert not Report.objects.all().overseen_by(other).exists()


def test_the_last_member_of_a_desk_that_does_not_hold_it_is_excluded_and_administrators_hear_once_it_does(
    other: Person, third: Person, people: list[Person]
) -> None:
    administrator = PersonFactory(is_superuser=True, is_staff=True)
    supervisor = standards_officer()
    supervisor.posts.clear()
    third.posts.clear()
    report = send(people[0])
    exclude(supervisor, report, other)
    for person in people[2:]:
        exclude(supervisor, report, person)
    assert open_duty_of(report).post is not None
    assert [notice.to for notice in Outbox.objects.filter(kind="post.unstaffed")] == [administrator]


@pytest.mark.usefixtures("third")
def test_who_of_the_desk_was_not_told_is_told_in_place_of_whoever_was(one: Person, other: Person, people: list[Person]) -> None:
    report = send(people[0], skip_line=True)
    Outbox.objects.filter(to=one).delete()  # as if they had not been on duty when it came
    exclude(one, report, other)
    assert Outbox.objects.filter(kind="duty.passed", link__contains=report.reference, to=one).count() == 1
    assert not Outbox.objects.filter(to=people[0], kind="report.passed").exists()


def test_where_somebody_is_at_risk_the_next_in_line_is_told_in_place_of_whoever_was(one: Person, people: list[Person]) -> None:
    report = send(people[0], at_risk_now=True)
    assert [notice.to for notice in Outbox.objects.filter(kind="duty.next_told")] == [people[3]]
    exclude(one, report, people[3])
    assert [notice.to for notice in Outbox.objects.filter(kind="duty.next_told").order_by("pk")] == [people[3], people[4]]


def test_a_deputy_who_holds_it_keeps_it_until_they_are_excluded_too(one: Person, people: list[Person]) -> None:
    inspector, at = people[2], timezone.now()
    deputy: Person = PersonFactory(rank=30, last_name="Deputy")
    Absence.objects.create(person=inspector, deputy=deputy, starts_at=at - timedelta(days=1), ends_at=at + timedelta(days=9))
    report = send(people[0])
    assert conflicts.deputy_holding(inspector, open_duty_of(report)) == deputy
    assert exclude(one, report, inspector) is None
    assert open_duty_of(report).holder == deputy
    moved = exclude(one, report, deputy)
    assert moved is not None
    assert moved.holder == people[3]
    assert conflicts.deputy_holding(inspector, moved) is None


def test_an_absence_recorded_after_the_duty_came_makes_nobody_a_deputy_then(one: Person, people: list[Person], report: Report) -> None:
    chief, at = people[3], timezone.now()
    stretch = {"starts_at": at - timedelta(hours=9), "ends_at": at + timedelta(days=9)}
    Absence.objects.create(person=chief, deputy=people[2], **stretch)
    assert conflicts.deputy_holding(chief, open_duty_of(report)) is None


def test_a_deadline_that_passed_before_is_kept_first(one: Person, people: list[Person], report: Report) -> None:
    age(report, hours=3)
    assert exclude(one, report, people[2]) is None
    assert Lapse.objects.get().duty.holder == people[2]
    assert chain(report) == ["report.sent", "duty.passed", "deadline.missed", "duty.passed"]
    assert open_duty_of(report).holder == people[3]
    assert not Report.objects.held_by(people[2]).exists()


def test_a_refusal_undoes_no_lapse(one: Person, people: list[Person], report: Report) -> None:
    age(report, hours=3)
    with pytest.raises(CannotExclude):
        exclude(one, report, one)
    assert Lapse.objects.get().duty.holder == people[2]


def test_a_closed_report_is_kept_from_them_too_and_reopening_passes_them_over(one: Person, people: list[Person], report: Report) -> None:
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Done.")
    assert exclude(one, report, people[2]) is None
    exclude(one, report, people[3])
    assert not Report.objects.held_by(people[2]).exists()
    assert reopening.reopen(person=one, report_id=report.pk, to=reopening.Level.NEXT, reason="Look again.").holder == people[4]


@pytest.mark.usefixtures("folder")
def test_an_erased_report_has_nobody_to_exclude_and_forgets_who_was(
    one: Person, other: Person, people: list[Person], report: Report
) -> None:
    exclude(one, report, people[2])
    erased(report, one, other)
    assert not Conflict.objects.exists()
    report.refresh_from_db()
    assert not Report.objects.known_to(people[2]).exists()  # whoever the duty was taken from does not learn of it again
    assert "excluded somebody from this report" in whole(report, other)
    assert disagreements() == []
    with pytest.raises(Erased):
        exclude(one, report, PersonFactory())


@pytest.mark.parametrize("who", ["holder", "reporter", "excluded", "left"])
def test_nobody_outside_professional_standards_excludes_anybody(who: str, one: Person, people: list[Person], report: Report) -> None:
    if who == "excluded":
        Exclusion.objects.create(report=report, person=one, why=Excluded.NAMED)
    one.is_active = who != "left"
    actors: dict[str, Person] = {"holder": people[2], "reporter": people[0], "excluded": one, "left": one}
    with pytest.raises(holding.NotYours):
        exclude(actors[who], report, PersonFactory())
    assert not Conflict.objects.exists()


def test_refusals_say_what_to_do(one: Person, other: Person, people: list[Person]) -> None:
    sender = PersonFactory()
    report = send(people[0], excluded={sender: Excluded.SENDER})
    exclude(one, report, people[3])
    refused: list[tuple[Person, str]] = [
        (one, "step aside on its page"),
        (people[0], "sent this report"),
        (sender, "excluded already"),
        (people[3], "excluded already"),
    ]
    for whom, said in refused:
        with pytest.raises(CannotExclude, match=said):
            exclude(one, report, whom)
    assert Conflict.objects.count() == 1
    with pytest.raises(IntegrityError, match="conflict_of_another"), transaction.atomic():
        Conflict.objects.update(by=people[3])


def test_names_of_reporters_that_are_kept_back_cannot_be_tried_out(one: Person, other: Person, people: list[Person]) -> None:
    report, innocent = send(people[0], confidential=True), PersonFactory(last_name="Innocent")
    found = [list(conflicts.could_exclude(one, report, person.number)) for person in (people[0], innocent)]
    assert found == [[people[0]], [innocent]]
    for whom in (people[0], innocent):
        assert exclude(one, report, whom, Conflicted.INVOLVED) is None
        with pytest.raises(CannotExclude, match="is excluded already"):
            exclude(other, report, whom)
    assert {shown.who for shown in conflicts.kept_out(other, report)} == {people[0].name_and_unit, innocent.name_and_unit}
    told = whole(report, other)
    assert all(f"excluded {whom.name_and_unit} from" in told for whom in (people[0], innocent))
    assert Exclusion.objects.get(report=report, person=people[0]).why == Excluded.REPORTER
    for conflict in Conflict.objects.all():
        excluding.readmit(person=one, conflict_id=conflict.pk, reason="No.")
    assert conflicts.kept_out(other, report) == []
    assert Exclusion.objects.get(report=report).person == people[0]


def test_whoever_is_let_back_may_know_again_and_has_no_duty_back(one: Person, other: Person, people: list[Person], report: Report) -> None:
    inspector = people[2]
    exclude(one, report, inspector)
    readmit(other)
    assert not Exclusion.objects.filter(report=report, person=inspector).exists()
    assert list(Report.objects.held_by(inspector)) == [report]
    assert open_duty_of(report).holder == people[3]
    told = whole(report, inspector)
    assert f"Professional standards moved the duty to {people[3].name_and_unit}" in told
    assert "excluded" not in told
    assert f"{other.name_and_unit} ended the exclusion of {inspector.name_and_unit}\nAnother Okafor." in whole(report, one)
    assert looks(report) == ["conflict.found", "conflict.ended"]
    assert disagreements() == []
    with pytest.raises(CannotExclude, match="not excluded any more"):
        readmit(one)
    exclude(one, report, inspector)  # and out again


@pytest.mark.usefixtures("third")
def test_whoever_was_let_back_never_reads_what_was_found_of_them(one: Person, other: Person, report: Report) -> None:
    exclude(one, report, other)
    with pytest.raises(holding.NotYours):
        readmit(other)
    readmit(one)
    told = whole(report, other)
    assert "excluded" not in told
    assert "exclusion" not in told
    assert REASON not in told


def test_a_sender_who_was_found_later_suggests_reports_of_the_same_sender(one: Person, people: list[Person], report: Report) -> None:
    sender = PersonFactory()
    before, later = send(people[1], excluded={sender: Excluded.SENDER}), send(people[1])
    assert links.suggested(one, report) == []
    exclude(one, report, sender)
    exclude(one, later, sender)
    assert {(found.reference, found.why) for found in links.suggested(one, report)} == {
        (before.reference, "Same sender"),
        (later.reference, "Same sender"),
    }


def test_excluding_is_not_counted_as_stepping_aside(one: Person, people: list[Person], report: Report) -> None:
    exclude(one, report, people[2], Conflicted.OTHER)
    assert asides.per_holder(viewer=one) == []


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM reporting_exclusion WHERE why = 'found'",
        "DELETE FROM reporting_conflict",
        "UPDATE reporting_conflict SET ended_at = now()",
        "UPDATE reporting_conflict SET by_id = (SELECT reporter_id FROM reporting_report)",
    ],
)
def test_a_change_behind_the_records_back_is_found(one: Person, people: list[Person], report: Report, change: str) -> None:
    exclude(one, report, people[2])
    with connection.cursor() as cursor:
        cursor.execute(change)
        assert cursor.rowcount == 1
    assert list(work.disagreements())


@pytest.mark.usefixtures("third")
def test_an_assignment_that_no_longer_counts_comes_back_with_whoever_is_let_back(one: Person, other: Person, people: list[Person]) -> None:
    report = send(people[0], skip_line=True)
    assigning.assign(person=one, report_id=report.pk, to=other.pk)
    exclude(one, report, other)
    readmit(one)
    assert Assignment.objects.get().person == other
    assert assigning.members_of([open_duty_of(report)]).popitem()[1] == other
