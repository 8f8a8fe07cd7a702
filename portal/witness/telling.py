"""Tell the auditors, once an episode, of what a witness should never answer and of a quorum that is not reached for long.

An episode ends when the witness signs again, or the quorum is reached: the time of that is part of what a notice is known by, so there is
one for each, however many rounds it lasts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from hashlib import sha256

from django.db import transaction
from django.utils import timezone

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person, Role
from portal.ui.words import moment
from portal.witness.models import Standing
from portal.witness.policy import NOBODY, Policy

LONG = timedelta(hours=1)


def tell_of_alarm(name: str, trouble: str, signed_at: datetime | None) -> None:
    """`signed_at`: when the witness last signed, None for never."""
    _tell(
        kind="record.witness_alarm",
        episode=f"{sha256(name.encode()).hexdigest()[:16]}:{_known_by(signed_at)}",
        subject="A witness contradicts the record",
        body=(
            f"The witness {name} was asked to sign the record, and {trouble}. Somebody may show different people different records, or an "
            "older one was put back. Compare your own copy of a checkpoint with /record/, and read docs/witness.md."
        ),
    )


def tell_of_quorum(policy: Policy) -> None:
    """Tell where as many witnesses as the policy counts on have not signed for an hour."""
    met_at = last_met(policy, {row.name: row.at for row in Standing.objects.filter(kind=Standing.Kind.WITNESS) if row.at is not None})
    if policy.quorum == NOBODY or (met_at is not None and timezone.now() - met_at < LONG):
        return
    since = f"since {moment(met_at)}" if met_at else "yet"
    _tell(
        kind="record.quorum_missed",
        episode=_known_by(met_at),
        subject="Too few witnesses sign the record",
        body=(
            f"The witnesses that the policy asks for have not signed the record {since}. The record goes on, and its own signatures are "
            "good. Until they sign again, nobody else vouches for what is new. /record/ says how it stands with each."
        ),
    )


def last_met(policy: Policy, signed: Mapping[str, datetime]) -> datetime | None:
    """When the quorum was last met, given when each witness last signed, by the name of its key; None for never."""
    listed = {one.key.name: one.name for one in policy.witnesses.values()}
    found = list[str]()
    for name, at in sorted(signed.items(), key=lambda pair: pair[1], reverse=True):
        found += [listed[name]] if name in listed else []
        if policy.satisfied(found):
            return at
    return None


def _known_by(at: datetime | None) -> str:
    return f"{at.timestamp():.0f}" if at else "never"


def _tell(*, kind: str, episode: str, subject: str, body: str) -> None:
    with transaction.atomic():
        put_all(
            [
                Notice(to=auditor, kind=kind, subject=subject, body=body, link="/record/", dedupe=f"{kind}:{episode}:{auditor.pk}")
                for auditor in _auditors()
            ]
        )


def _auditors() -> list[Person]:
    return list(Person.objects.active().with_role(Role.AUDITOR))
