"""How it stands with the witnesses and the time-stamping authority: noted after each round, read by the page about the record."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.record import published
from portal.record.models import Checkpoint, Cosignature
from portal.record.notes import parse_key, parse_lines, parse_note, with_lines
from portal.witness.models import Standing
from portal.witness.policy import NotAccepted, Policy, read_policy
from portal.witness.telling import tell_of_alarm

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of asking once. `trouble` is empty where it went well, and `alert` says that it should never have been answered.

    `ahead`: the size of a tree above ours that a witness has cosigned, 0 for none.
    """

    name: str
    size: int = 0
    at: datetime | None = None
    trouble: str = ""
    alert: bool = False
    ahead: int = 0


@dataclass(frozen=True, slots=True)
class WitnessStanding:
    """A witness of the policy, or the authority, as the page shows it. `url` empty: counted and never asked. `at` None: never signed."""

    name: str
    url: str = ""
    size: int = 0
    at: datetime | None = None
    trouble: str = ""
    alert: str = ""
    alerted_at: datetime | None = None


def configured() -> Policy:
    """The policy in `WITNESS_POLICY`, or one of no witnesses. Raises BadPolicy and OSError; a system check has said so before."""
    return read_policy(Path(settings.WITNESS_POLICY)) if settings.WITNESS_POLICY else Policy()


def standing() -> list[WitnessStanding]:
    """Every witness of the policy, in its order, with how it stands."""
    listed = configured().witnesses.values()
    if not listed:
        return []
    noted = {row.name: row for row in Standing.objects.filter(kind=Standing.Kind.WITNESS)}
    return [_shown(witness.key.name, witness.url, noted.get(witness.key.name)) for witness in listed]


def authority_standing() -> WitnessStanding | None:
    """The time-stamping authority, where one is set."""
    if not settings.TSA_URL:
        return None
    name = authority_name(settings.TSA_URL)
    return _shown(name, settings.TSA_URL, Standing.objects.filter(name=name, kind=Standing.Kind.AUTHORITY).first())


def authority_name(url: str) -> str:
    """The name a time-stamping authority is noted under."""
    return url.partition("://")[2].rstrip("/")


def quorum_met(checkpoint: Checkpoint) -> bool:
    """Whether the policy accepts its tree: signed by our log, or one that is listed, and by witnesses enough. Raises as `configured`.

    A cosignature is over size and root, so one that came in when the same tree was signed before counts as well.
    """
    note = parse_note(checkpoint.note)
    same = Cosignature.objects.filter(checkpoint__size=checkpoint.size, checkpoint__root=checkpoint.root).order_by("id")
    lines = [line for kept in same for line in parse_lines(kept.line)]
    try:
        configured().accept(with_lines(note, lines), logs=map(parse_key, published.trusted_keys()))
    except NotAccepted:
        return False
    return True


def known_sizes(origin: str) -> dict[str, int]:
    """The size of the last tree of that log that each witness cosigned, as far as it was noted."""
    return dict(Standing.objects.filter(kind=Standing.Kind.WITNESS, origin=origin).values_list("name", "size"))


def note_outcomes(outcomes: Iterable[Outcome], *, kind: Standing.Kind, origin: str) -> None:
    """Keep what came of a round, and log what is new about it."""
    before: Mapping[str, Standing] = {row.name: row for row in Standing.objects.filter(kind=kind)}
    with transaction.atomic():
        for outcome in outcomes:
            _note(outcome, before.get(outcome.name), kind=kind, origin=origin)


def _note(outcome: Outcome, before: Standing | None, *, kind: Standing.Kind, origin: str) -> None:
    now = timezone.now()
    fresh: dict[str, object] = {"kind": kind, "asked_at": now, "trouble": outcome.trouble}
    if not outcome.trouble:
        fresh |= {"origin": origin, "size": outcome.size, "at": outcome.at}
    if outcome.alert:
        fresh |= {"alert": outcome.trouble, "alerted_at": now}
    Standing.objects.update_or_create(name=outcome.name, defaults=fresh)
    if outcome.alert:
        tell_of_alarm(outcome.name, outcome.trouble, before.at if before else None)
    if outcome.trouble and (before is None or before.trouble != outcome.trouble):
        log.log(logging.ERROR if outcome.alert else logging.WARNING, "%s: %s", outcome.name, outcome.trouble)
    elif not outcome.trouble and before is not None and before.trouble:
        log.info("%s signs again", outcome.name)


def _shown(name: str, url: str, row: Standing | None) -> WitnessStanding:
    if row is None:
        return WitnessStanding(name, url)
    return WitnessStanding(name, url, row.size, row.at, row.trouble, row.alert, row.alerted_at)
