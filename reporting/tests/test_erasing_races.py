from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from portal.people.models import Person
from portal.vault.models import Item
from portal.vault.sealing import Erased
from portal.vault.sweeping import sweep_files
from reporting.erasure import erasing
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Erasure
from reporting.tests.erasures import asked, attach, closed
from reporting.tests.making import chain, looks, standards_officer

Together = Callable[..., list[Any]]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("folder")]


def test_two_approvals_at_once_erase_once(together: Together, one: Person, other: Person) -> None:
    report, third = closed(), standards_officer()
    erasure = asked(report, one)
    answers = together(*(lambda p=person: erasing.erase(person=p, key=erasure.pk, reference=report.reference) for person in (other, third)))
    assert sorted(type(answer).__name__ for answer in answers) == ["Erased", "Erasure"]
    assert chain(report).count("report.erased") == 1


def test_an_approval_and_a_refusal_at_once_leave_one(together: Together, one: Person, other: Person) -> None:
    report, third = closed(), standards_officer()
    erasure = asked(report, one)
    together(
        lambda: erasing.erase(person=other, key=erasure.pk, reference=report.reference),
        lambda: erasing.refuse(person=third, key=erasure.pk, reason="No"),
    )
    assert [kind for kind in (*chain(report), *looks(report)) if kind in ("report.erased", "erasure.refused")] in (
        ["report.erased"],
        ["erasure.refused"],
    )


def test_two_requests_at_once_make_one(together: Together, one: Person, other: Person) -> None:
    report = closed()
    answers = together(lambda: asked(report, one), lambda: asked(report, other))
    assert sorted(type(answer).__name__ for answer in answers) == ["CannotErase", "Erasure"]


@pytest.mark.parametrize("_again", range(3))
def test_a_file_uploaded_or_opened_meanwhile_leaves_nothing_behind(
    together: Together, one: Person, other: Person, folder: Path, _again: int
) -> None:
    report = closed()
    attachment = attach(report)
    erasure = asked(report, one)
    answers = together(
        lambda: erasing.erase(person=other, key=erasure.pk, reference=report.reference),
        lambda: attach(report, "later"),
        lambda: evidence.original(person=one, attachment=attachment, why="Checking"),
    )
    assert isinstance(answers[0], Erasure)
    assert all(not isinstance(answer, Exception) or isinstance(answer, Erased) for answer in answers), answers
    assert not Item.objects.filter(container_id=report.container).exists()
    assert not Attachment.objects.filter(report=report).exists()
    sweep_files(older_than=timedelta())
    assert [path for path in folder.rglob("*") if path.is_file()] == []
