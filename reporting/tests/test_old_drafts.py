from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models import F

from portal.people.models import Person
from portal.people.tests.factories import PersonFactory
from portal.ui.words import day
from portal.vault.models import Container, Item
from reporting.drafts import drafting
from reporting.drafts.drafting import discard_old
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Draft
from reporting.tasks import discard_old_drafts
from reporting.tests import files
from reporting.tests.browsing import signed_in
from reporting.tests.reporters import full_draft

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def reporter() -> Person:
    person: Person = PersonFactory()
    return person


def old_draft(reporter: Person, **age: float) -> Draft:
    draft = full_draft(reporter)
    evidence.attach(reporter=reporter, draft_id=draft.pk, files=[evidence.check(files.upload("a.png", files.picture()))])
    Draft.objects.filter(pk=draft.pk).update(saved_at=F("saved_at") - timedelta(**age))
    return draft


def test_a_draft_that_nobody_touched_for_four_weeks_is_erased_with_its_files(reporter: Person) -> None:
    old, young = old_draft(reporter, days=28, seconds=1), old_draft(reporter, days=27, hours=23)
    assert discard_old_drafts() == 1
    assert list(drafting.drafts_of(reporter)) == [young]
    assert Container.objects.get(pk=old.container).erased_at is not None
    assert not Item.objects.filter(container_id=old.container).exists()
    assert not Attachment.objects.filter(draft=old.pk).exists()
    assert drafting.read_pages(young)
    assert discard_old() == 0


def test_a_draft_in_use_is_left_for_another_day(reporter: Person, second_connection: object) -> None:
    draft = old_draft(reporter, days=40)
    with transaction.atomic(), second_connection.cursor() as cursor:  # type: ignore[attr-defined]
        cursor.execute("BEGIN")
        cursor.execute("SELECT 1 FROM reporting_draft WHERE id = %s FOR UPDATE", [draft.pk])
        assert discard_old() == 0
        cursor.execute("ROLLBACK")
    assert discard_old() == 1


def test_the_list_says_until_when_a_draft_is_kept(reporter: Person) -> None:
    draft = full_draft(reporter)
    client = signed_in(reporter)
    draft.refresh_from_db()
    assert f"Kept until {day(draft.kept_until)}" in client.get("/reports/").content.decode()
