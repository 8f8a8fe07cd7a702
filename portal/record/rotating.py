"""Replace the record's keys. Each step is a fact, and one that broke off half-way is finished by taking it again.

The log key overlaps with the next one: both sign every checkpoint until whoever holds the old vkey has had a day to take the new one. The
portal key signs single promises and words, so it is replaced at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from portal.record import keys, published, standing
from portal.record.appending import append, now, process_actor
from portal.record.models import Fact
from portal.record.notes import Key

SUBJECT = "record:keys"
ACTOR = process_actor("operator")
OVERLAP = timedelta(hours=24)


class CannotRotate(Exception):
    """The step cannot be taken now; the text says what to do first."""


@dataclass(frozen=True, slots=True)
class Change:
    """One key in the place of another. again: the new one was made by a step that broke off, which this one finished."""

    old: Key
    new: Key
    again: bool = False


def begin() -> Change:
    """Make the next log key; from the next checkpoint on both sign. Raises CannotRotate, and standing.RecordReadOnly.

    It signs nothing before the record says that it will. Where that could not be written, or the key not be put in its place, it is the
    one that the next `begin` takes.
    """
    origin = published.origin()
    old = _current(keys.LOG, origin)
    known = keys.public(keys.NEXT, origin)
    if known and (not keys.exists(keys.NEXT) or _facts("record.key_changed", "new", known)):
        raise CannotRotate("A change of the log key is under way. Finish it with --finish.")
    standing.demand()
    new, again = (known, True) if known else _prepared(origin)  # `known` signs already, and the record does not say so
    with transaction.atomic():
        append(kind="record.key_changed", subject=SUBJECT, actor=ACTOR, facts={"use": "log", "old": str(old), "new": str(new)})
    if not known:
        keys.succeed(keys.NEXT, keys.PREPARED)
    return Change(old, new, again)


def finish(*, early: str = "") -> Change:
    """Let the next log key sign alone, and destroy the old one.

    early: why it cannot wait for `OVERLAP` to pass, such as a leak; empty: it can. Raises as `begin`.
    """
    origin = published.origin()
    old, new = _current(keys.LOG, origin), keys.public(keys.NEXT, origin)
    begun = _facts("record.key_changed", "new", new) if new else []
    if new is None or not begun:
        raise CannotRotate("No change of the log key is under way. Begin one with --begin.")
    since = begun[-1].at
    if not early and now() < since + OVERLAP and not _facts("record.key_retired", "vkey", old):
        raise CannotRotate(_too_early(since))
    standing.demand()
    _retire(Change(old, new), use="log", why=early)
    keys.succeed(keys.LOG, keys.NEXT)
    return Change(old, new)


def replace_portal_key(*, why: str = "") -> Change:
    """Put a new portal key in the place of the old one, which is destroyed. Raises as `begin`."""
    origin = published.origin()
    name = keys.portal_name(origin)
    old = _current(keys.PORTAL, name)
    standing.demand()
    if keys.public(keys.PORTAL_NEXT, name) is None:
        keys.make(keys.PORTAL_NEXT)
    new = _current(keys.PORTAL_NEXT, name)
    with transaction.atomic():
        if not _facts("record.key_changed", "new", new):
            append(kind="record.key_changed", subject=SUBJECT, actor=ACTOR, facts={"use": "portal", "old": str(old), "new": str(new)})
        _retire(Change(old, new), use="portal", why=why)
    keys.succeed(keys.PORTAL, keys.PORTAL_NEXT)
    return Change(old, new)


def _retire(change: Change, *, use: str, why: str) -> None:
    """The public half is kept before the fact says so, and the fact stands before the private half is gone."""
    keys.retire(change.old)
    with transaction.atomic():
        if not _facts("record.key_retired", "vkey", change.old):
            facts = {"use": use, "vkey": str(change.old), "followed_by": str(change.new), "why": why}
            append(kind="record.key_retired", subject=SUBJECT, actor=ACTOR, facts=facts)


def _prepared(origin: str) -> tuple[Key, bool]:
    """The key that is to be the next, and whether it was made before. Of one that was put in its place by half the public half is left."""
    before = keys.public(keys.PREPARED, origin)
    if before is None:
        keys.make(keys.PREPARED)
    return _current(keys.PREPARED, origin), before is not None


def _current(name: str, as_name: str) -> Key:
    key = keys.public(name, as_name)
    if key is None:
        raise CannotRotate("The record has no keys yet. Start the clock once: it makes them.")
    return key


def _facts(kind: str, member: str, key: Key) -> list[Fact]:
    return [fact for fact in Fact.objects.for_subject(SUBJECT).of_kind(kind) if fact.data.get(member) == str(key)]


def _too_early(since: datetime) -> str:
    at = f"{since + OVERLAP:%d %B %Y, %H:%M} UTC"
    return f"Both keys sign until {at}, so that everybody can take the new one. Come back then, or give --now with --why."
