"""Who holds the duty next: up the reporter's line of command by least rank, and at the top a post that is never empty.

Everyone passed over on the way is kept with the reason, as ids: `{"person": <uuid>, "why": …}`, or `{"level": n, "why": "vacant"}` for
a level that nobody could take. A manager who is away has one deputy, who stands in or does not: a deputy's deputy is never asked, so no
circle of deputies goes round.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from portal.hours.calendars import follower_of
from portal.people.absence import deputies_at
from portal.people.line import lines_of_command
from portal.people.models import Person, Post
from portal.postgres.base import rows
from reporting.escalation.ladder import Rung, frozen
from reporting.escalation.leaving_alone import BROKEN
from reporting.models import Report

DESK = "professional-standards"
EXCLUDED = "SELECT report_id, person_id FROM reporting_exclusion WHERE report_id = ANY(%s)"
HELD = "SELECT report_id, holder_id FROM reporting_duty WHERE report_id = ANY(%s) AND holder_id IS NOT NULL"
People = defaultdict[uuid.UUID, set[uuid.UUID]]  # by report


@dataclass(frozen=True, slots=True)
class Found:
    """The holder at `level`: a person, or at the last level a post, never both; `why_skipped` tells who was passed over."""

    level: int
    person: Person | None
    post: Post | None
    why_skipped: list[dict[str, Any]]

    @property
    def name(self) -> str:
        """The holder inside a sentence."""
        if self.post is not None:
            return self.post.in_words
        if self.person is None:
            raise ValueError("found neither a person nor a post")
        return self.person.name_and_unit

    @property
    def follower(self) -> str:
        """Whose working hours the deadlines count by: the holder's own unit's, a deputy's their own, a post's the post's."""
        return follower_of(self.person, self.post)


@dataclass(slots=True)
class Directory:
    """Lines of command and absences at one moment, read in sets for many reporters; posts are read when first needed."""

    lines: dict[uuid.UUID, list[Person]]
    deputies: dict[uuid.UUID, Person | None]
    away: AbstractSet[uuid.UUID]
    posts: dict[str, Post] = field(default_factory=dict)

    @classmethod
    def read(cls, reporters: Collection[uuid.UUID], at: datetime) -> Directory:
        return cls.of(lines_of_command(reporters), at) if reporters else cls({}, {}, frozenset())

    @classmethod
    def of(cls, lines: dict[uuid.UUID, list[Person]], at: datetime) -> Directory:
        """With who is away at `at`, and who of their deputies."""
        apart = {id(line): line for line in lines.values()}.values()  # thousands of people share few lines
        deputies = deputies_at({manager.id: manager for line in apart for manager in line}.values(), at)
        named = [deputy for deputy in deputies.values() if deputy]
        return cls(lines, deputies, deputies.keys() | (deputies_at(named, at).keys() if named else set()))

    def post(self, code: str) -> Post:
        if code not in self.posts:
            found = {post.code: post for post in Post.objects.filter(code__in=[code, DESK])}
            self.posts[code] = found.get(code) or found[DESK]
        return self.posts[code]

    def stand_ins(self, reporter_id: uuid.UUID, least_rank: int, excluded: AbstractSet[uuid.UUID]) -> Iterator[Person]:
        """The reporter's managers of this rank, from the nearest up, each followed by their deputy, of any rank, while they are away.

        Not by the deputy of one who is excluded: nobody chooses who holds a report that is about them. Nor of one who left: whoever stood
        in for them stood in their place, and it is nobody's now, however long the absence was to last.
        """
        for manager in self.lines[reporter_id]:
            if manager.rank >= least_rank:
                yield manager
                deputy = self.deputies.get(manager.id)
                if deputy is not None and manager.is_active and manager.id not in excluded:
                    yield deputy


def without_line(rungs: list[Rung]) -> list[Rung]:
    """The ladder of a report that leaves its reporter's line out: the last level, with professional standards whatever post that names."""
    return [replace(rungs[-1], post=DESK)]


def first_holder(*, reporter: Person, ladder: list[Rung], excluded: AbstractSet[uuid.UUID], skip_line: bool, at: datetime) -> Found:
    """Who holds the duty when a report is sent. `skip_line`: a manager is in the group, so it starts at the last level."""
    directory = Directory.read([] if skip_line else [reporter.pk], at)
    return climb(directory, reporter_id=reporter.pk, rungs=ladder[-1:] if skip_line else ladder, excluded=excluded, held=set())


def next_holder(*, report: Report, after_level: int, excluded: AbstractSet[uuid.UUID], at: datetime) -> Found:
    """Who holds the duty after the holder at `after_level`; nobody holds the same report twice. Past the top it is the top again."""
    held = set(report.duties.filter(holder__isnull=False).values_list("holder_id", flat=True))
    directory = Directory.read([report.reporter_id], at)
    return climb(directory, reporter_id=report.reporter_id, rungs=above(frozen(report), after_level), excluded=excluded, held=held)


def at_the_desk(top: Rung) -> Found:
    """Professional standards hold the duty, at a ladder's last level. One from before ladders had to end there may name another post."""
    return Found(top.level, None, Post.objects.get(code=DESK), [])


def desk_code(report: Report) -> str:
    """The code of the post at the top of a report's ladder; the desk's where that cannot be read."""
    try:
        return str(report.ladder[-1]["post"] or DESK)
    except BROKEN:
        return DESK


def excluded_from(reports: Sequence[uuid.UUID]) -> People:
    """Who is excluded from each of these reports; as `duty.excluded_from` for one."""
    return _by_report(EXCLUDED, reports)


def holders_of(reports: Sequence[uuid.UUID]) -> People:
    """Who held, or holds, the duty of each of these reports."""
    return _by_report(HELD, reports)


def _by_report(query: str, reports: Sequence[uuid.UUID]) -> People:
    gathered: People = defaultdict(set)
    for report, person in rows(query, [list(reports)]):
        gathered[report].add(person)
    return gathered


def above(ladder: list[Rung], level: int) -> list[Rung]:
    """The rungs over `level`; at the top, the top."""
    return [rung for rung in ladder if rung.level > level] or ladder[-1:]


def climb(
    directory: Directory, *, reporter_id: uuid.UUID, rungs: list[Rung], excluded: AbstractSet[uuid.UUID], held: AbstractSet[uuid.UUID]
) -> Found:
    """Try `rungs` from the lowest; the last is a post and always answers."""
    skipped: dict[str, dict[str, Any]] = {}
    out = excluded | {reporter_id}
    for rung in rungs:
        if rung.post is not None:
            return Found(rung.level, None, directory.post(rung.post), list(skipped.values()))
        least_rank = rung.least_rank or 0
        for person in directory.stand_ins(reporter_id, least_rank, excluded):
            why = _why_not(directory, person, out, held) or ("low_rank" if person.rank < least_rank else None)
            if why is None:
                return Found(rung.level, person, None, list(skipped.values()))
            skipped.setdefault(str(person.id), {"person": str(person.id), "why": why})
        skipped[f"level {rung.level}"] = {"level": rung.level, "why": "vacant"}
    raise ValueError("a ladder ends at a post")


def _why_not(directory: Directory, person: Person, excluded: AbstractSet[uuid.UUID], held: AbstractSet[uuid.UUID]) -> str | None:
    if not person.is_active:
        return "left"
    if person.id in excluded:
        return "excluded"
    if person.id in held:
        return "held_before"
    return "absent" if person.id in directory.away else None
