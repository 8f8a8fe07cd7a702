from __future__ import annotations

import uuid
from collections.abc import Callable

import pytest
from django.db import transaction

from portal.people.models import Person
from portal.record.appending import append, now, person_actor, process_actor
from portal.record.canonical import iso
from portal.requests.choices import ErasureState
from portal.vault.models import Container, Item
from portal.vault.sealing import Erased
from reporting import contents
from reporting.choices import DutyState, ReportState
from reporting.erasure.erasing_again import erase_again
from reporting.models import Duty, Erasure, Report
from reporting.tasks import erase_what_was_brought_back
from reporting.tests.browsing import signed_in
from reporting.tests.erasures import closed, erased
from reporting.tests.making import a_line, chain, send, standards_officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


@pytest.fixture
def people() -> tuple[Person, Person]:
    return standards_officer(last_name="Asker"), standards_officer(last_name="Decider")


def backup_of(report: Report) -> Callable[[], None]:
    """The rows of a report as they are now; calling it puts them back, as a restored database has them."""
    kept = [*Container.objects.filter(pk=report.container), *Item.objects.filter(container_id=report.container)]
    kept += [Report.objects.get(pk=report.pk), *Duty.objects.filter(report=report)]

    def restore() -> None:
        Erasure.objects.filter(report=report).delete()
        for row in kept:
            row.save()

    return restore


@pytest.mark.parametrize("open_duty", [False, True])
def test_what_a_backup_brings_back_is_erased_again(people: tuple[Person, Person], open_duty: bool) -> None:
    report = send(a_line()[0]) if open_duty else closed()
    restore = backup_of(report)
    was = erased(report, *people)
    restore()
    assert contents.read(report).message
    assert erase_what_was_brought_back() == 1
    with pytest.raises(Erased):
        contents.read(report)
    report.refresh_from_db()
    now_is = Erasure.objects.get(report=report)
    assert report.state == ReportState.ERASED
    assert (now_is.pk, now_is.state, now_is.asked_by, now_is.decided_by) == (was.pk, ErasureState.DONE, *people)
    assert now_is.decided_at == was.decided_at
    assert chain(report)[-2:] == ["report.erased", "report.erased_again"]
    assert Duty.objects.filter(report=report, state=DutyState.ERASED).exists() == open_duty
    assert not Duty.objects.filter(report=report).open().exists()
    client = signed_in(people[0])
    assert "A backup brought the content" in client.get(f"/standards/{report.reference}/").content.decode()


@pytest.mark.parametrize("asked_by", ["nobody", "the same person"])
def test_a_fact_alone_that_no_two_people_stand_behind_erases_nothing(people: tuple[Person, Person], asked_by: str) -> None:
    report, who, erasure = closed(), person_actor(people[0]), str(uuid.uuid4())
    told = {"erasure": erasure, "ground": "order", "asked_by": person_actor(people[1]), "approved_by": who, "erased_at": iso(now())}
    with transaction.atomic():
        if asked_by == "the same person":
            told["asked_by"] = who
            append(kind="erasure.asked", subject=report.consultations, actor=who, facts={"erasure": erasure, "ground": "order"})
        append(kind="report.erased", subject=report.subject, actor=who, facts=told)
    assert erase_again() == 0
    assert contents.read(report).message


def test_what_stayed_erased_and_what_never_was_are_left_alone(people: tuple[Person, Person]) -> None:
    gone, kept = closed(), closed()
    erased(gone, *people)
    before = chain(gone), chain(kept)
    with transaction.atomic():
        append(kind="report.erased", subject="report:nobody", actor=process_actor("test"))
    assert erase_again() == 0
    assert (chain(gone), chain(kept)) == before
    assert contents.read(kept).message
