"""Told: a notice of the duty was delivered. It is a time of its own and never moves a duty."""

from __future__ import annotations

from datetime import datetime

from portal.record.appending import append, process_actor
from portal.record.canonical import iso
from reporting.models import Duty

LONGEST_KEY = 18


def told(dedupe: str, at: datetime) -> None:
    """Keep when the holder, or the first member of a post, was told. `dedupe`: `duty:<id>` or `duty:<id>:<person>`.

    Called by the delivery of notices, inside its transaction, once for each notice; later members of a post change nothing.
    """
    key = dedupe.split(":")[1]
    if not key.isdigit() or len(key) > LONGEST_KEY or not Duty.objects.filter(pk=key, told_at=None).update(told_at=at):
        return
    duty = Duty.objects.select_related("report", "post").get(pk=key)
    append(
        kind="duty.told",
        subject=duty.report.subject,
        actor=process_actor("notices"),
        facts={"duty": duty.pk, "level": duty.level, "told_at": iso(at)},
    )
