"""A backup that is put back does not undo an erasure of sealed words."""

from __future__ import annotations

import pytest
from django.db import transaction

from portal.erasure import erasing
from portal.erasure.erasing_again import erase_again
from portal.erasure.models import Erasure
from portal.erasure.tasks import erase_what_was_brought_back
from portal.record.appending import append, person_actor
from portal.requests.choices import ErasureState, Ground
from portal.vault.models import Container, Item
from portal.vault.sealing import Erased, open_sealed
from tests.erasure.conftest import Case
from tests.erasure.test_erasing import erased, kinds_on

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("knows", ["nothing", "the request"])
def test_what_a_backup_brings_back_is_erased_again(case: Case, knows: str) -> None:
    kept = [*Container.objects.filter(pk=case.container), *Item.objects.filter(container_id=case.container)]
    was = erased(case)
    for row in kept:
        row.save()
    if knows == "nothing":
        Erasure.objects.all().delete()
    else:
        Erasure.objects.update(state=ErasureState.ASKED, decided_by=None, decided_at=None)
    assert open_sealed(case.container)
    assert erase_what_was_brought_back() == 1
    with pytest.raises(Erased):
        open_sealed(case.container)
    now_is = Erasure.objects.get()
    assert (now_is.pk, now_is.kind, now_is.key, now_is.words) == (was.pk, case.kind, case.key, case.container)
    assert (now_is.state, now_is.ground) == (ErasureState.DONE, Ground.ORDER)
    assert (now_is.asked_by, now_is.decided_by, now_is.decided_at) == (case.one, case.other, was.decided_at)
    assert kinds_on(case.subject)[-2:] == ["words.erased", "words.erased_again"]
    assert erase_again() == 0


def test_what_is_still_erased_is_left_alone(case: Case) -> None:
    erased(case)
    assert erase_again() == 0
    assert kinds_on(case.subject)[-1] == "words.erased"


@pytest.mark.parametrize("asker", ["nobody", "the same person"])
def test_a_fact_that_no_two_people_stand_behind_erases_nothing(case: Case, asker: str) -> None:
    actor, key = person_actor(case.other), "00000000-0000-0000-0000-000000000001"
    told = {"erasure": key, "container": str(case.container), "of": f"{case.kind}:{case.key}", "ground": "order"}
    told |= {"asked_by": actor, "approved_by": actor, "erased_at": "2026-11-01T00:00:00.000000Z"}
    with transaction.atomic():
        if asker == "the same person":
            append(kind="erasure.asked", subject=f"words:{case.container}", actor=actor, facts={"erasure": key, "ground": "order"})
        append(kind="words.erased", subject=case.subject, actor=actor, facts=told)
    assert erase_again() == 0
    assert open_sealed(case.container)


def test_a_request_that_waits_is_not_done_by_a_restore(case: Case) -> None:
    erasing.ask_to_erase(person=case.one, kind=case.kind, key=case.key, ground=Ground.ORDER, reason="x")
    assert erase_again() == 0
    assert open_sealed(case.container)
