"""Paper copies: ask for one, and have it. They are made in the background, sealed in the vault, and remade when they are lost.

A room says once, when the portal starts, how to fill a kind of paper:

    copies.register("receipt", build)        # build(person_id, key) -> contents.Paper; raises copies.Gone where there is none to make

and its views, after their own check that this person may have this:

    copies.want(person=person, kind="receipt", key=str(fact.pk), container=report.container)     # on POST; again and again does no harm
    copies.standing(person=person, kind="receipt", key=…)                                        # Copy or None: .state, .final
    copies.ready(person=person, kind="receipt", key=…)                                           # the signed PDF, or None for not yet

`container` is where the PDF is sealed: the vault container of what it tells of, so that erasure takes it along; without one the copy
gets a container of its own. After erasure, ask again without it. A copy that was made while its receipt was pending (`final=False`) is
made again when it is wanted again. `build` runs in a worker, reads what it needs by itself, and must not wait: nothing private goes
through the broker.

A request never talks to the broker (docs/decisions/0002): the row remembers, and the clock asks for it to be made within a second.
"""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta

from cryptography.exceptions import InvalidTag
from django.conf import settings
from django.db import transaction
from django.db.models.functions import Now

from portal.people.models import Person
from portal.receipts.models import Copy, CopyState
from portal.receipts.paper.certificate import identity
from portal.receipts.paper.contents import Paper
from portal.receipts.paper.rendering import render
from portal.receipts.paper.signing import NotStamped, Signed, sign
from portal.record.appending import now
from portal.vault import files
from portal.vault.models import Container
from portal.vault.sealing import Erased, Missing, erase, open_container

log = logging.getLogger(__name__)
Builder = Callable[[uuid.UUID, str], Paper]
OWN = "paper"  # the purpose of a container that holds nothing but one copy
RETRY = [timedelta(seconds=seconds) for seconds in (60, 120, 600, 3600)]  # after each attempt; one that fails after the last is the end
KEPT = timedelta(days=28)
REST_SECONDS = 300.0
PIECE = 1024 * 1024

_builders: dict[str, Builder] = {}
_resting = [0.0]


class Gone(Exception):
    """What a builder raises where there is nothing to put on paper for this person."""


def register(kind: str, builder: Builder) -> None:
    """Make papers of this kind with `builder`. Registering a kind again replaces its builder."""
    _builders[kind] = builder


@transaction.atomic
def want(*, person: Person, kind: str, key: str, container: uuid.UUID | None = None) -> Copy:
    """Ask for a copy, unless it is there or asked for already. Raises KeyError for a kind that nobody registered."""
    _builders[kind]
    Copy.objects.bulk_create([Copy(person=person, kind=kind, key=key, container=container)], ignore_conflicts=True)
    copy = Copy.objects.select_for_update(of=("self",)).get(person=person, kind=kind, key=key)
    if copy.state == CopyState.WANTED or (copy.state == CopyState.MADE and copy.final and _read(copy) is not None):
        return copy
    _drop(copy)
    Copy.objects.filter(pk=copy.pk).update(
        state=CopyState.WANTED, container=container, final=False, attempts=0, wanted_at=Now(), next_try_at=Now(), made_at=None
    )
    copy.refresh_from_db()
    return copy


def standing(*, person: Person, kind: str, key: str) -> Copy | None:
    """How it stands with a copy; None where it was never asked for, or long ago."""
    return Copy.objects.filter(person=person, kind=kind, key=key).first()


def ready(*, person: Person, kind: str, key: str) -> bytes | None:
    """The signed PDF, or None where it is not made, or is lost or erased: `want` it then."""
    copy = standing(person=person, kind=kind, key=key)
    return _read(copy) if copy is not None and copy.state == CopyState.MADE else None


def make_due() -> int:
    """Make every copy that is due; return how many were made. What a builder raises ends it: the clock asks again for the rest."""
    return sum(make(pk) for pk in _claimed())


def make(pk: int) -> bool:
    """Make one copy if it is still wanted; whether it was. Making it at the same time twice leaves one."""
    copy = Copy.objects.filter(pk=pk, state=CopyState.WANTED).first()
    if copy is None:
        return False
    try:
        paper = _builders[copy.kind](copy.person_id, copy.key)
        signed = _signed(render(paper, made_at=now()))
        return _keep(copy, signed, final=paper.final)
    except (Gone, Erased, Container.DoesNotExist):
        Copy.objects.filter(pk=pk, state=CopyState.WANTED).update(state=CopyState.FAILED)
        return False


def forget_old(*, older_than: timedelta = KEPT) -> int:
    """Forget copies that were asked for longer ago than that; return how many. Whoever wants one again gets it made again."""
    with transaction.atomic():
        old = list(Copy.objects.select_for_update(skip_locked=True, of=("self",)).filter(wanted_at__lt=now() - older_than))
        for copy in old:
            _drop(copy)
        Copy.objects.filter(pk__in=[copy.pk for copy in old]).delete()
        return len(old)


def _claimed() -> Iterator[int]:
    """Due copies, each counted as tried before it is: a worker that dies over one does not take it up for ever."""
    while True:
        with transaction.atomic():
            copy = Copy.objects.due().select_for_update(skip_locked=True, of=("self",)).first()
            if copy is None:
                return
            if over := copy.attempts >= len(RETRY):
                log.warning("paper copy %s is given up", copy.pk)
                Copy.objects.filter(pk=copy.pk).update(state=CopyState.FAILED)
            else:
                Copy.objects.filter(pk=copy.pk).update(attempts=copy.attempts + 1, next_try_at=Now() + RETRY[copy.attempts])
        if not over:
            yield copy.pk


def _signed(pdf: bytes) -> Signed:
    """Where the time-stamping authority gives no answer, signed without a stamp; its row says so, and the record has times of its own."""
    mine = identity()
    if settings.TSA_URL and time.monotonic() >= _resting[0]:
        try:
            return sign(pdf, mine, stamped=True)
        except NotStamped as error:
            _resting[0] = time.monotonic() + REST_SECONDS
            log.warning("papers are signed without a time stamp for %d seconds: %s", REST_SECONDS, error)
    return sign(pdf, mine, stamped=False)


@transaction.atomic
def _keep(copy: Copy, signed: Signed, *, final: bool) -> bool:
    still = Copy.objects.select_for_update(of=("self",)).filter(pk=copy.pk, state=CopyState.WANTED, wanted_at=copy.wanted_at).first()
    if still is None:
        return False
    container = still.container or open_container(purpose=OWN)
    pieces = (signed.pdf[at : at + PIECE] for at in range(0, len(signed.pdf), PIECE))
    files.store_file(container=container, name=still.item, chunks=pieces)
    Copy.objects.filter(pk=still.pk).update(
        state=CopyState.MADE, container=container, final=final, stamped=signed.stamped, made_at=now(), attempts=0
    )
    return True


def _read(copy: Copy) -> bytes | None:
    if copy.container is None:
        return None
    try:
        return files.open_file(copy.container, copy.item)
    except (Erased, Missing, Container.DoesNotExist):
        return None
    except (OSError, InvalidTag) as error:
        log.warning("paper copy %s cannot be read: %s", copy.pk, type(error).__name__)
        return None


def _drop(copy: Copy) -> None:
    if copy.container is None:
        return
    if Container.objects.filter(pk=copy.container, purpose=OWN).exists():
        erase(copy.container)
    else:
        files.forget(container=copy.container, names=[copy.item])
