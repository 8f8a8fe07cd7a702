"""What is broken, each finding a place, a sentence and the page of the admin on which it is mended, the gravest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.urls import reverse
from django.utils import timezone

from portal.people.importing import rings
from portal.people.ladders import queries
from portal.people.rota import all_rotas
from portal.postgres.base import one, rows
from portal.ui import words

AHEAD = timedelta(days=7)  # how far holes in a rota are looked for


class Fault(models.TextChoices):
    """What can be broken, the gravest first."""

    EMPTY_POST = "empty_post", "Posts with nobody"
    LOOP = "loop", "Lines of command that go round"
    UNREACHED = "unreached", "People with no inspector or above over them"
    LEFT_MANAGER = "left_manager", "People whose line manager has left"
    NO_MANAGER = "no_manager", "People without a line manager"
    RING = "ring", "Deputies who stand in for one another"
    DEPUTY = "deputy", "Deputies who can’t stand in"
    HOLE = "hole", "Rotas with holes in the next seven days"
    NO_INSPECTOR = "no_inspector", "Units with no inspector or above"
    UNLED = "unled", "Units without a leader"


@dataclass(frozen=True, slots=True)
class Finding:
    """One fault: where it is, what is wrong in a sentence, how many people it concerns, and where it is mended."""

    fault: Fault
    where: str
    says: str
    people: int
    link: str


@dataclass(frozen=True, slots=True)
class LookedAt:
    people: int
    units: int
    posts: int


def looked_at() -> LookedAt:
    """How much there is to look at, for whoever is told that nothing is broken."""
    return LookedAt(*(one(queries.LOOKED_AT) or (0, 0, 0)))


def look() -> list[Finding]:
    """Everything that is broken now, the gravest kind first."""
    at = timezone.now()
    found = [*_posts(at), *_lines(), *_managers(), *_deputies(at), *_units()]
    order = list(Fault)
    return sorted(found, key=lambda finding: order.index(finding.fault))


def _posts(at: datetime) -> Iterator[Finding]:
    for key, name in rows(queries.EMPTY_POSTS):
        says = "Nobody staffs it. What comes to it is seen by nobody. Add members."
        yield Finding(Fault.EMPTY_POST, name, says, 0, _page("post", key))
    for post, rota in all_rotas(at, at + AHEAD):
        if holes := rota.holes(at, at + AHEAD):
            start, end = holes[0]
            more = f", and {words.count(len(holes) - 1, 'more stretch').replace('stretchs', 'stretches')}" if len(holes) > 1 else ""
            says = f"Nobody is on duty from {words.moment(start)} to {words.moment(end)}{more}. Every member is told of what comes then."
            yield Finding(Fault.HOLE, post.name, says, 0, _page("post", post.pk))


def _lines() -> Iterator[Finding]:
    adrift = rows(queries.ADRIFT)
    keys = {number: key for number, _, key in adrift}
    for ring in rings({number: manager for number, manager, _ in adrift}):
        says = f"The line of command goes round: {_round(ring)}. Give one of them another line manager."
        yield Finding(Fault.LOOP, ring[0], says, len(ring), _page("person", keys[ring[0]]))
    for _, place, many, example in rows(queries.UNREACHED):
        says = f"{_people(many)} no inspector or above over them. Their reports go straight to the desk. Mend the line above them."
        yield Finding(Fault.UNREACHED, place, says, many, _page("person", example))


def _managers() -> Iterator[Finding]:
    for key, name, many, first in rows(queries.LEFT_MANAGER):
        who = first if many == 1 else f"{many:,} people, such as {first}"
        says = f"Has left and still manages {who}. Give them another line manager."
        yield Finding(Fault.LEFT_MANAGER, name, says, many, _page("person", key))
    for _, place, many, example, numbers in rows(queries.NO_MANAGER):
        named = ", ".join([*numbers, *(["…"] if many > len(numbers) else [])])
        says = f"{_people(many)} no line manager: {named}. Their reports go straight to the desk."
        yield Finding(Fault.NO_MANAGER, place, says, many, _page("person", example))


def _deputies(at: datetime) -> Iterator[Finding]:
    found = rows(queries.DEPUTIES, {"at": at})
    stands_in = {number: deputy for _, number, _, deputy, *_, away in found if away}
    ringed = {number: ring for ring in rings(stands_in) for number in ring}
    for key, number, name, deputy, deputy_name, starts_at, ends_at, active, low, _ in found:
        when, link = f"{words.moment(starts_at)} to {words.moment(ends_at)}", _page("absence", key)
        ring = ringed.get(number)
        if ring and number == ring[0]:
            says = f"{_round(ring)} name one another and are away at the same time. None of them can stand in."
            yield Finding(Fault.RING, f"{name}, {number}", says, len(ring), link)
        elif not ring:
            why = "has left" if not active else "ranks below inspector" if low else "is away too"
            says = f"Away {when}. The deputy, {deputy_name}, {deputy}, {why}: duties go past both."
            yield Finding(Fault.DEPUTY, f"{name}, {number}", says, 1, link)


def _units() -> Iterator[Finding]:
    for key, place, many in rows(queries.NO_INSPECTOR):
        says = f"None of its {many:,} people is an inspector or above." if many > 1 else "Its only member ranks below inspector."
        yield Finding(Fault.NO_INSPECTOR, place, says, many, _page("unit", key))
    for key, place, many, leader, number in rows(queries.UNLED):
        says = f"Its leader, {number}, has left." if leader else "Nobody is named as its leader."
        yield Finding(Fault.UNLED, place, says, many, _page("unit", key))


def _people(many: int) -> str:
    return "1 person has" if many == 1 else f"{many:,} people have"


def _round(ring: list[str]) -> str:
    return " → ".join([*ring[:6], *(["…"] if len(ring) > 6 else []), ring[0]])


def _page(model: str, key: object) -> str:
    return reverse(f"admin:people_{model}_change", args=[key])
