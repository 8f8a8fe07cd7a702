"""Exclude: professional standards keep somebody from a report that was sent, because they learned that it is about them or that they have
another conflict of interest. Readmit: it was a mistake.

Facts can't be erased, so they say that somebody was excluded, by whom, and never whom: that is in the tables and goes with the report's
content. They stand on the chain of who looked. A duty that the person holds moves at once, and its fact says that professional standards
moved it, not why (docs/decisions/0025).
"""

from __future__ import annotations

import uuid

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role
from portal.record.appending import append, append_all, person_actor, process_actor
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import holding, notifying, unrecorded
from reporting.choices import Conflicted, DutyState, Excluded, Why
from reporting.desk import overseeing, remaining
from reporting.desk.overseeing import Locked
from reporting.escalation import next_in_line
from reporting.escalation.ladder import BrokenLadder
from reporting.models import Conflict, Duty, Exclusion

YOURSELF = (
    "You cannot exclude yourself. If you hold the duty to act, step aside on its page. "
    "If not, ask somebody else in professional standards to exclude you."
)
ALONE = (
    "Nobody but you in professional standards would know of this report then. Ask an administrator to add somebody who can see what you "
    "do, then exclude them."
)
STANDARDS = process_actor("standards")  # which of them it was stands on the chain of who looked


class CannotExclude(Exception):
    """This person cannot be excluded, or let back; the text says why and what to do."""


def exclude(*, person: Person, report_id: uuid.UUID, whom: Person, why: Conflicted, reason: str) -> Duty | None:
    """Keep `whom` from this report from now on, also from a closed one. Return the duty that began, where they held it themselves.

    Professional standards may read the reason. Raises holding.NotYours, Erased and CannotExclude.
    """
    with overseeing.at_work(person, report_id):
        locked = overseeing.lock(person, report_id)
        _must_be_able(locked, whom)
        conflict = Conflict.objects.create(report=locked.report, person=whom, why=why, by=person, at=locked.at)
        # A reporter whose name is kept back is in it already; they are excluded like anybody, and nothing changes for them.
        Exclusion.objects.get_or_create(report=locked.report, person=whom, defaults={"why": Excluded.FOUND})
        unrecorded.drop(whom, locked.report)
        moved = _take_from(locked, whom)
        _record(locked, conflict, kind="conflict.found", name=f"conflict-{conflict.pk}", reason=reason)
        put_all(_told(locked, whom, moved))
        return moved


def readmit(*, person: Person, conflict_id: uuid.UUID, reason: str) -> Conflict:
    """Let somebody back whom professional standards had excluded. A duty that was taken from them does not come back.

    Raises holding.NotYours, Erased, and CannotExclude where it was done already.
    """
    conflict = Conflict.objects.filter(pk=conflict_id).select_related("person").first()
    if conflict is None:
        raise holding.NotYours
    with overseeing.at_work(person, conflict.report_id):
        locked = overseeing.lock(person, conflict.report_id)
        if not Conflict.objects.filter(pk=conflict_id, ended_at__isnull=True).update(ended_at=locked.at):
            raise CannotExclude("This person is not excluded any more. Nothing was changed.")
        Exclusion.objects.filter(report=locked.report, person=conflict.person, why=Excluded.FOUND).delete()
        _record(locked, conflict, kind="conflict.ended", name=f"conflict-ended-{conflict.pk}", reason=reason)
        return conflict


def _must_be_able(locked: Locked, whom: Person) -> None:
    report, duty = locked.report, locked.duty
    if whom == locked.person:
        raise CannotExclude(YOURSELF)
    if whom.pk == report.reporter_id and not report.confidential:
        raise CannotExclude(f"{whom.name_and_unit} sent this report, so they never hold its duty. Choose somebody else.")
    if whom.pk in remaining.seen_as_excluded(report):
        raise CannotExclude(f"{whom.name_and_unit} is excluded already. Choose somebody else.")
    at_desk = duty is not None and duty.post is not None and holding.holds(whom, duty)
    if duty is not None and at_desk and not remaining.somebody_acts(duty, without=whom, asks=locked.person):
        raise CannotExclude(f"Nobody else at {duty.desk.in_words} can take this. Ask an administrator to add somebody, then exclude them.")
    if whom.has_role(Role.PROFESSIONAL_STANDARDS) and not remaining.somebody_sees(report, without=whom, asks=locked.person):
        raise CannotExclude(ALONE)


def _take_from(locked: Locked, whom: Person) -> Duty | None:
    """Move a duty that they hold themselves; a desk keeps its own, and an assignment there to whoever is excluded does not count."""
    if locked.duty is None or locked.duty.holder_id != whom.pk:
        return None
    try:
        moved = duties.hand_on(locked.duty, state=DutyState.MOVED, why=Why.MOVED, at=locked.at)
    except BrokenLadder as error:
        raise CannotExclude(f"{error} Ask {whom.name_and_unit} to refer it to professional standards, then exclude them.") from error
    append_all([duties.passed_fact(moved, actor=STANDARDS)])
    return moved


def _record(locked: Locked, conflict: Conflict, *, kind: str, name: str, reason: str) -> None:
    append(
        kind=kind,
        subject=locked.report.consultations,
        actor=person_actor(locked.person),
        facts={"conflict": str(conflict.pk)},
        sealed=seal(container=locked.report.container, values={name: reason}),
    )


def _told(locked: Locked, whom: Person, moved: Duty | None) -> list[Notice]:
    """Whoever holds the duty now and the reporter; where it stays, whoever has to be told of it in the place of `whom`. Nobody twice."""
    duty = locked.duty
    if moved is not None:
        return [*notifying.notice_for(moved), notifying.told_reporter_of_pass(moved)]
    if duty is None:
        return []
    if duty.post is not None:
        return notifying.notice_for(duty) if holding.holds(whom, duty) else []
    return next_in_line.notices([duty]) if duty.state == DutyState.SENT else []
