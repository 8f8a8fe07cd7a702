"""Check the whole record every night; tell every auditor of a mismatch, and leave a fact either way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role
from portal.record import standing
from portal.record.appending import append, now, process_actor
from portal.record.models import Fact
from portal.record.verifying import Mismatch, verify

KIND, SUBJECT = "record.verified", "record:checks"
ACTOR = process_actor("nightly")


@dataclass(frozen=True, slots=True)
class Result:
    """What the last check came to. `size`: facts in the tree that it recomputed."""

    at: datetime
    size: int
    good: bool


def check() -> Mismatch | None:
    """Verify; what disagrees, or None. Raises Busy where the clock does not end its round, and leaves nothing then."""
    try:
        found = verify()
    except Mismatch as mismatch:
        _tell(mismatch)
        _leave_fact(size=mismatch.size, root=mismatch.root, found=mismatch.code)
        return mismatch
    _leave_fact(size=found.size, root=found.root, found="")
    return None


def last() -> Result | None:
    """The last check, None before the first."""
    fact = Fact.objects.for_subject(SUBJECT).of_kind(KIND).last()
    return Result(fact.at, fact.data["size"], fact.data["ok"]) if fact else None


def _leave_fact(*, size: int, root: bytes, found: str) -> None:
    """`found`: what kind of mismatch, empty where there is none. A read-only portal appends nothing; its auditors are told all the same."""
    try:
        with transaction.atomic():
            append(kind=KIND, subject=SUBJECT, actor=ACTOR, facts={"size": size, "root": root.hex(), "ok": not found, "found": found})
    except standing.RecordReadOnly:
        if not found:
            raise


def _tell(mismatch: Mismatch) -> None:
    body = (
        f"The nightly check of the record found that {mismatch}. Somebody with access to the database changed it, or a disk failed. "
        "Keep the database as it is, and read “When the record does not agree” in docs/operating.md."
    )
    with transaction.atomic():
        day = now().date()
        put_all(
            [
                Notice(
                    to=auditor,
                    kind="record.disagrees",
                    subject="The record does not agree with itself",
                    body=body,
                    link="/record/",
                    dedupe=f"record.disagrees:{day}:{auditor.pk}",
                )
                for auditor in Person.objects.active().with_role(Role.AUDITOR)
            ]
        )
