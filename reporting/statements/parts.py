"""Which part of a report's chain each party is given in a statement of duty, and what of it is withheld or disclosed.

The reporter and professional standards have the whole chain; a holder has it from where their first duty began, and may read it up to where
their last one ended, or, where they left the desk that holds it, to what they did last. Withheld are facts that are for professional
standards alone, and from a holder what came after; and from everybody but the reporter whatever holds the key of a reporter who asked for
their name to be kept back.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Container, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum

from portal.people.models import Person, Post
from portal.record.appending import person_actor
from portal.record.models import Fact
from reporting import holding
from reporting.choices import AFTER_CLOSING, Why
from reporting.contents import ANSWERS, PRIVATE
from reporting.models import Duty, Report
from reporting.timeline import LOOKING, last_done

WRITTEN = frozenset((*PRIVATE, ANSWERS, "excluded"))  # what a reporter wrote, each sealed under its name
SHARED = ("file-", "message-", "author-", "shared-", "passed-", "disputed-")  # what else a reporter wrote, and what was written for them
BY_STANDARDS = ("report.erased",)  # whoever of professional standards did it is not named
BY_HOLDER = ("message-", "reasons-", "shared-", "passed-", "aside-", "reopened-", "checklist-")


class Party(StrEnum):
    """For whom a statement is made."""

    REPORTER = "reporter"
    HOLDER = "holder"
    STANDARDS = "standards"


@dataclass(frozen=True, slots=True)
class Piece:
    """One fact of a statement. Of a withheld one only the place and the hash are given."""

    fact: Fact
    withheld: bool = False


def facts_of(report: Report, up_to: int | None = None) -> list[Fact]:
    """The report's chain, to the fact of number `up_to` where that is given."""
    facts = Fact.objects.for_subject(report.subject)
    return list(facts if up_to is None else facts.filter(subject_seq__lte=up_to))


def part(party: Party, person: Person, report: Report, facts: Sequence[Fact]) -> list[Piece]:
    """The pieces of `facts`, the report's chain, that this party is given: without a gap, and never none.

    `person`: who takes the statement. Raises ValueError where they never held the duty and ask as a holder.
    """
    if party is Party.REPORTER:
        return [Piece(fact, fact.kind in LOOKING) for fact in facts]
    if party is Party.STANDARDS:
        hidden = _hidden(report)
        return [Piece(fact, hidden is not None and hidden in fact.leaf) for fact in facts]
    return _part_of_holder(person, report, facts)


def names_disclosed(party: Party, person: Person, piece: Piece) -> list[str]:
    """The names in the fact's `sealed` whose values and salts this party is given with it."""
    names = [] if piece.withheld else list(json.loads(piece.fact.sealed))
    if party is Party.REPORTER:
        return [name for name in names if name in WRITTEN or name.startswith(SHARED)]
    if party is Party.HOLDER and piece.fact.actor == person_actor(person):
        return [name for name in names if name.startswith(BY_HOLDER)]
    return []


def _part_of_holder(person: Person, report: Report, facts: Sequence[Fact]) -> list[Piece]:
    """From the first `duty.passed` to them. What came after the end of their last duty is not theirs to know, but for what they recorded
    late; it is withheld, and the statement's own end follows, so that the chain holds together. A part begins with a fact that can be
    read, or at the beginning: older confidential reports have the reporter's key in the fact that began the first duty."""
    mine = {duty.pk: duty for duty in Duty.objects.filter(report=report).had_by(person)}
    begins = [place for place, fact in enumerate(facts) if fact.kind == "duty.passed" and fact.data["duty"] in mine]
    if not begins:
        raise ValueError("a holder's part begins where their duty did")
    end, hidden = _end(facts, begins[-1]), _hidden(report)
    if not holding.had(person, mine[facts[begins[-1]].data["duty"]]):
        end = last_done(facts[: end + 1], person, begins[-1])
    first = 0 if _is_kept_back(facts[begins[0]], hidden) else begins[0]
    return [
        Piece(fact, place < begins[0] or _is_kept_back(fact, hidden) or (place > end and not _is_last_or_late(fact, facts[-1], mine)))
        for place, fact in enumerate(facts)
        if place >= first
    ]


def ended(person: Person, report: Report) -> tuple[bool, Post | None]:
    """Whether the part of this holder has ended, and the desk they worked on it for where that is because they left it."""
    last = Duty.objects.filter(report=report).had_by(person).select_related("post").order_by("-seq").first()
    if last is None or holding.had(person, last):
        return last is not None and last.ended_at is not None, None
    return True, last.post


def _hidden(report: Report) -> str | None:
    """The key that is kept back from everybody but the reporter: a statement outlives the days for which two people may see the name."""
    return str(report.reporter_id) if report.confidential else None


def _is_kept_back(fact: Fact, hidden: str | None) -> bool:
    """Who looked, and whatever holds the key `hidden`."""
    return fact.kind in LOOKING or (hidden is not None and hidden in fact.leaf)


def _is_last_or_late(fact: Fact, last: Fact, mine: Container[int]) -> bool:
    return (fact is last and fact.kind == "statement.given") or (fact.kind == "duty.acted_late" and fact.data["duty"] in mine)


def _end(facts: Sequence[Fact], began: int) -> int:
    """Where the duty that began at `began` ended: at the next passing, else at its act or at the erasure, else at the last fact.

    A passing after the report was closed ended nothing: its holder's act did."""
    duty = facts[began].data["duty"]
    after = range(began + 1, len(facts))
    passed = [place for place in after if facts[place].kind == "duty.passed"]
    passed = [] if passed and facts[passed[0]].data["why"] in AFTER_CLOSING else passed
    ended = [place for place in after if facts[place].kind in ("duty.acted", "report.erased") and facts[place].data.get("duty") == duty]
    return next(iter([*passed, *ended]), len(facts) - 1)


def without_tail(pieces: Sequence[Piece]) -> list[Piece]:
    """The pieces up to the last that can be read, or the first where none can."""
    last = max((place for place, piece in enumerate(pieces) if not piece.withheld), default=0)
    return list(pieces[: last + 1])


def keys_in(pieces: Iterable[Piece]) -> set[str]:
    """The people and posts, as facts spell them, that the facts given away speak of and that may be named."""
    found = set[str]()
    for piece in pieces:
        if not piece.withheld:
            found |= {piece.fact.actor} if not is_by_standards(piece.fact) else set()
            found |= {piece.fact.data[name] for name in ("holder", "told") if name in piece.fact.data}
    return {key for key in found if key.startswith(("person:", "post:"))}


def is_by_standards(fact: Fact) -> bool:
    return fact.kind in BY_STANDARDS or (fact.kind == "duty.passed" and fact.data["why"] == Why.REOPENED)


def names_of(keys: AbstractSet[str]) -> dict[str, str]:
    """How people and posts are called now, by the keys of `keys_in`."""
    people = {key: uuid.UUID(key.removeprefix("person:")) for key in keys if key.startswith("person:")}
    posts = [key.removeprefix("post:") for key in keys if key.startswith("post:")]
    found = Person.objects.select_related("unit").in_bulk(people.values()) if people else {}
    named = {key: found[pk].name_and_unit for key, pk in people.items() if pk in found}
    return named | {f"post:{post.code}": post.name for post in (Post.objects.filter(code__in=posts) if posts else ())}
