"""The lives of the reports that only one of the worlds has, and what goes on in both after it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from unittest import mock

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from portal.notices.models import Outbox, State
from portal.people.models import Person
from portal.requests.choices import Ground
from reporting import acting, adding, asking, disputing, opening, passing, reopening, saying, stepping_aside, taking_up, telling
from reporting.choices import Conflicted, Excluded, Outcome, Recorded
from reporting.confidence import naming
from reporting.desk import assigning, excluding, finding, linking, noting
from reporting.erasure import erasing
from reporting.escalation import lapsing, reminding
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Report
from reporting.promises import breaking
from reporting.statements import stating
from reporting.statements.parts import Party
from reporting.tests import files
from reporting.tests.making import age, open_duty_of, send
from tests.interference.cast import Cast

REFERENCE = "MR-7K3P-9QXZ"
CONFIDENTIAL = "MR-2345-6789"
ERASED, NOBODYS = "MR-A8QM-2QRC", "MR-YR5R-HHXC"


@dataclass(frozen=True)
class Told:
    """What somebody would need to know to try the report's addresses."""

    references: list[str]
    reports: list[uuid.UUID]
    files: list[uuid.UUID]
    facts: list[int]
    questions: list[uuid.UUID]


def whole_life(cast: Cast) -> Told:
    """One report from which some are excluded after it was sent and that goes all the way and is closed, one whose reporter's name is kept
    back, overdue with the desk, one that is erased, and one that nobody at the desk may take."""
    nobody = cast.why | dict.fromkeys(cast.standards, Excluded.NAMED)
    with mock.patch("reporting.tests.making.new_reference", side_effect=[REFERENCE, CONFIDENTIAL, ERASED, NOBODYS]):
        one = send(cast.line[0], excluded={person: why for person, why in cast.why.items() if person not in cast.found_later})
        other = send(cast.line[0], excluded=cast.why, confidential=True, skip_line=True, at_risk_now=True)
        erased = send(cast.line[0], excluded=cast.why)
        nobodys = send(cast.line[0], excluded=nobody, skip_line=True)
    _find_out(one, cast)
    _up_the_line(one, cast)
    _at_the_desk(other, cast)
    neighbour = Report.objects.filter(reporter__last_name="Other", confidential=False).earliest("sent_at")
    linking.link(person=cast.standards[0], report_id=one.pk, to=neighbour.pk, reason="The same group")
    noting.write_note(person=cast.standards[0], report_id=other.pk, text="Ask again on Monday.")
    _erase(erased, cast)
    age(nobodys, days=9)
    lapsing.fire_due()
    theirs = Q(link__contains=REFERENCE) | Q(link__contains=CONFIDENTIAL) | Q(kind="duty.overdue")
    Outbox.objects.filter(theirs).update(state=State.FAILED, last_error="refused", next_try_at=timezone.now())
    return _told([one, other, erased, nobodys])


def _find_out(report: Report, cast: Cast) -> None:
    """Some are excluded later, one of them by mistake and then again."""
    by = cast.standards[0]
    for whom in (*cast.found_later, cast.standards[1]):
        excluding.exclude(person=by, report_id=report.pk, whom=whom, why=Conflicted.SENDER, reason="It is their number.")
    mistaken = report.conflicts.get(person=cast.standards[1])
    excluding.readmit(person=by, conflict_id=mistaken.pk, reason="Another number.")


def _up_the_line(report: Report, cast: Cast) -> None:
    attachment = _attach(report)
    holder = _holder(report)
    with transaction.atomic():
        telling.told(f"duty:{open_duty_of(report).pk}", timezone.now())
    opening.open_duty(person=holder, report_id=report.pk, why="duty")
    question = asking.ask(person=holder, report_id=report.pk, question="Are you still in the group?")
    adding.answer_question(reporter=report.reporter, report_id=report.pk, question_id=question.pk, text="Yes.")
    evidence.original(person=holder, attachment=attachment, why="To see it")
    taking_up.take_up(person=holder, report_id=report.pk)
    passing.pass_on(person=holder, report_id=report.pk, to=Person.objects.get(last_name="Next").pk, reason="Leave")
    age(report, days=2)
    lapsing.fire_due()
    stepping_aside.step_aside(person=_holder(report), report_id=report.pk, reason="I know them")
    one, other = cast.standards  # it is with the desk by now
    saying.tell_reporter(person=one, report_id=report.pk, words="I have begun.")
    _close(report, one)
    disputing.dispute(reporter=report.reporter, report_id=report.pk, reason="Nobody spoke to me.")
    _close(report, other)
    reopening.reopen(person=one, report_id=report.pk, to=reopening.Level.DESK, reason="Look again.")
    _close(report, one)
    given = finding.Given(Recorded.SEVERITY, timezone.localdate(), "Misconduct", shared=True)
    finding.record_finding(person=cast.standards[0], report_id=report.pk, given=given)
    stating.give_statement(person=report.reporter, report_id=report.pk, as_=Party.REPORTER)
    stating.give_statement(person=cast.standards[0], report_id=report.pk, as_=Party.STANDARDS)
    erasing.ask_to_erase(person=cast.standards[0], report_id=report.pk, ground=Ground.ORDER, reason="Order 12")


def _at_the_desk(report: Report, cast: Cast) -> None:
    _attach(report)
    one, other = cast.standards
    asked = naming.ask_to_open(person=one, report_id=report.pk, reason="To call them")
    naming.open_name(person=other, key=asked.pk, tell_now=True)
    asking.ask(person=one, report_id=report.pk, question="Who else saw it?")
    assigning.assign(person=one, report_id=report.pk, to=one.pk)  # of a report that keeps its name back, one may only take it oneself
    age(report, days=9)
    lapsing.fire_due()
    breaking.break_due()
    naming.ask_to_open(person=Person.objects.get(last_name="Watcher"), report_id=report.pk, reason="To call them too")
    reminding.remind(today=timezone.localdate())


def _erase(report: Report, cast: Cast) -> None:
    opening.open_duty(person=_holder(report), report_id=report.pk, why="duty")
    one, other = cast.standards
    asked = erasing.ask_to_erase(person=one, report_id=report.pk, ground=Ground.ORDER, reason="Order 13")
    erasing.erase(person=other, key=asked.pk, reference=ERASED)


def later(cast: Cast) -> None:
    """What happens in both worlds afterwards, some of it to the excluded."""
    other: Person = Person.objects.get(last_name="Other")
    report = send(other)
    send(other, skip_line=True)
    inspector = cast.excluded["inspector"]
    opening.open_duty(person=inspector, report_id=report.pk, why="duty")
    asking.ask(person=inspector, report_id=report.pk, question="When did you see it?")
    sent = send(cast.excluded["desk"], skip_line=True)
    asking.ask(person=cast.standards[0], report_id=sent.pk, question="Which group?")


def _close(report: Report, by: Person) -> None:
    acting.act(person=by, report_id=report.pk, outcome=Outcome.LOCAL, reasons="Spoke.", shared="Done.")


def _holder(report: Report) -> Person:
    duty = open_duty_of(report)
    assert duty.holder is not None
    return duty.holder


def _attach(report: Report) -> Attachment:
    checked = evidence.check(files.upload("chat.txt", b"[03/03/2025] Ada: hello\n" * 3))
    adding.add_to_report(reporter=report.reporter, report_id=report.pk, key=uuid.uuid4(), text="A file", files=[checked])
    attachment: Attachment = report.attachments.latest("added_at")
    return attachment


def _told(reports: list[Report]) -> Told:
    from portal.record.models import Fact

    subjects = [subject for report in reports for subject in (report.subject, report.consultations)]
    return Told(
        references=[report.reference for report in reports],
        reports=[report.pk for report in reports],
        files=[attachment.pk for report in reports for attachment in report.attachments.all()],
        facts=list(Fact.objects.filter(subject__in=subjects).values_list("pk", flat=True)),
        questions=[message.pk for report in reports for message in report.messages.all()],
    )
