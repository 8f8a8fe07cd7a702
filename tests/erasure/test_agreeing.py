"""The nightly check finds an erasure that no two persons decided, and one that did not happen."""

from __future__ import annotations

import pytest
from django.utils import timezone

from portal.erasure.agreeing import disagreements
from portal.erasure.models import Erasure
from portal.record import cross_checks
from portal.requests.choices import ErasureState
from portal.vault.models import Container
from tests.erasure.conftest import Case
from tests.erasure.test_erasing import asked, erased

pytestmark = pytest.mark.django_db


def test_what_was_decided_by_two_agrees_and_the_nightly_check_asks(case: Case) -> None:
    erased(case)
    assert list(disagreements()) == []
    assert "erasures of sealed words" in cross_checks.registered()


def test_a_row_that_says_more_than_the_facts_is_found(case: Case) -> None:
    erasure = asked(case)
    assert list(disagreements()) == []
    Erasure.objects.filter(pk=erasure.pk).update(state=ErasureState.DONE, decided_by=case.other, decided_at=timezone.now())
    assert list(disagreements()) == [f"the tables say that {case.kind}:{case.key} was erased, and no fact says so"]


def test_words_that_are_back_in_the_vault_or_lost_their_row_are_found(case: Case) -> None:
    kept = Container.objects.get(pk=case.container)
    erased(case)
    kept.save()
    said = [f"a fact says that {case.kind}:{case.key} was erased, and the tables or the vault do not"]
    assert list(disagreements()) == said
    Container.objects.filter(pk=case.container).update(wrapped_key=None, erased_at=timezone.now())
    assert list(disagreements()) == []
    Erasure.objects.all().delete()
    assert list(disagreements()) == said
