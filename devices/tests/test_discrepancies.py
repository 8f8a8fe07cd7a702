from __future__ import annotations

import pytest
from django.db import transaction

from devices import discrepancies
from devices.models import Discrepancy, Oddity
from devices.refusals import AlreadyClosed
from devices.tests.factories import HandsetFactory, stores
from portal.notices.models import Outbox
from portal.people.models import Person
from portal.record.models import Fact
from portal.vault.sealing import erase, read_text

pytestmark = pytest.mark.django_db


@pytest.fixture
def opened(officer: Person) -> Discrepancy:
    return discrepancies.report(handset=HandsetFactory(), by=officer, what=Oddity.DIFFERENT)


def test_what_stores_found_is_sealed_and_the_person_who_told_them_hears(officer: Person, opened: Discrepancy) -> None:
    closed = discrepancies.close(discrepancy_id=opened.pk, by=stores(), note="Two labels were swapped.")
    assert closed.container is not None
    assert read_text(closed.container, "note") == {"note": "Two labels were swapped."}
    fact = Fact.objects.for_subject(opened.handset.subject).last()
    assert fact is not None
    assert (fact.kind, "swapped" in fact.leaf, "hmac-sha256:" in fact.sealed) == ("discrepancy.closed", False, True)
    assert Outbox.objects.filter(to=officer, kind="discrepancy.closed").exists()


def test_it_is_closed_once(opened: Discrepancy) -> None:
    keeper = stores()
    discrepancies.close(discrepancy_id=opened.pk, by=keeper, note="First.")
    with pytest.raises(AlreadyClosed):
        discrepancies.close(discrepancy_id=opened.pk, by=keeper, note="Second.")


def test_after_one_is_closed_the_same_can_be_told_again(officer: Person, opened: Discrepancy) -> None:
    discrepancies.close(discrepancy_id=opened.pk, by=stores(), note="Seen to.")
    again = discrepancies.report(handset=opened.handset, by=officer, what=Oddity.DIFFERENT)
    assert again != opened
    assert Discrepancy.objects.open().get() == again


def test_an_erased_note_says_so(opened: Discrepancy) -> None:
    closed = discrepancies.close(discrepancy_id=opened.pk, by=stores(), note="Gone soon.")
    assert closed.container is not None
    with transaction.atomic():
        erase(closed.container)
    assert discrepancies.noted(closed) == (closed, "These words were erased.")


def test_an_open_one_has_no_note(opened: Discrepancy) -> None:
    assert discrepancies.noted(opened) == (opened, "")
