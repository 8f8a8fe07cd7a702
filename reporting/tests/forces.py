"""Random forces to route reports in: lines of command with gaps and loops, absences, deputies who stand in for each other, leavers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group
from django.db.models import F
from django.utils import timezone
from hypothesis import strategies as st

from portal.hours import calendars
from portal.people.models import Absence, Person, Post, PostMember, Rank, Role
from portal.people.moving import Departure
from portal.people.tests.factories import PersonFactory
from reporting import acting, opening, passing, stepping_aside
from reporting.choices import Excluded, Outcome
from reporting.escalation import lapsing, leavers
from reporting.escalation.ladder import Rung
from reporting.escalation.unstaffed import alert_unstaffed
from reporting.holding import NotHolding, NotYours
from reporting.models import Duty, Report
from reporting.tests.making import age, send, the_desk

MOST = 8
AGO = timedelta(days=60)
places = st.integers(0, MOST - 1)
RANKS = [Rank.NONE, Rank.CONSTABLE, Rank.SERGEANT, Rank.INSPECTOR, Rank.CHIEF_INSPECTOR, Rank.SUPERINTENDENT]


@dataclass(frozen=True)
class Plan:
    """A force as numbers: each of `MOST` people by their place. The first is the reporter."""

    ranks: list[int]
    managers: list[int | None]
    away: dict[int, int | None]
    left: set[int]
    excluded: set[int]
    at_the_desk: set[int]
    least_ranks: list[int]
    works: bool
    at_risk: bool
    skip_line: bool
    administrator: str = "there"


plans = st.builds(
    Plan,
    ranks=st.lists(st.sampled_from(RANKS), min_size=MOST, max_size=MOST),
    managers=st.lists(st.none() | places, min_size=MOST, max_size=MOST),
    away=st.dictionaries(places, st.none() | places, max_size=4),
    left=st.sets(st.integers(1, MOST - 1), max_size=2),
    excluded=st.sets(st.integers(1, MOST - 1), max_size=3),
    at_the_desk=st.sets(places, max_size=3),
    least_ranks=st.lists(st.sampled_from(RANKS[2:]), max_size=3).map(sorted),
    works=st.booleans(),
    at_risk=st.booleans(),
    skip_line=st.booleans(),
    administrator=st.sampled_from(["there", "excluded", "left"]),
)
steps = st.lists(
    st.tuples(st.sampled_from(["lapse", "open", "pass", "aside", "leave", "go away", "staff", "unstaff", "act"]), places, places),
    max_size=8,
)


@dataclass
class World:
    """A force in the database, and one report in it."""

    plan: Plan
    people: list[Person] = field(default_factory=list)
    report: Report = field(init=False)
    administrator: Person = field(init=False)
    overseer: Person = field(init=False)

    def __post_init__(self) -> None:
        self.people = [PersonFactory(rank=rank, is_active=place not in self.plan.left) for place, rank in enumerate(self.plan.ranks)]
        for person, manager in zip(self.people, self.plan.managers, strict=True):
            if manager is not None and self.people[manager] != person:
                Person.objects.filter(pk=person.pk).update(line_manager=self.people[manager])
        self.administrator = PersonFactory(is_staff=True, is_active=self.plan.administrator != "left")
        self.administrator.groups.add(Group.objects.get(name=Role.ADMINISTRATOR))
        self.overseer = PersonFactory()
        self.overseer.groups.add(Group.objects.get(name=Role.PROFESSIONAL_STANDARDS))
        for place, deputy in self.plan.away.items():
            self.go_away(place, deputy)
        for place in self.plan.at_the_desk:
            PostMember.objects.create(post=self.post, person=self.people[place])
        excluded = {self.people[place]: Excluded.NAMED for place in self.plan.excluded}
        if self.plan.administrator == "excluded":
            excluded[self.administrator] = Excluded.NAMED
        self.report = send(
            self.people[0], excluded=excluded, rungs=self.rungs(), skip_line=self.plan.skip_line, at_risk_now=self.plan.at_risk
        )

    @property
    def post(self) -> Post:
        return the_desk()

    @property
    def alerted(self) -> Person:
        """Who is told of a desk where nobody may take the report."""
        return self.administrator if self.plan.administrator == "there" else self.overseer

    @property
    def duty(self) -> Duty | None:
        return Duty.objects.filter(report=self.report).open().select_related("holder", "post").first()

    def rungs(self) -> list[Rung]:
        calendar = calendars.in_force() if self.plan.works and not self.plan.at_risk else None
        below = [Rung(level, rank, None, 60, 600, calendar) for level, rank in enumerate(self.plan.least_ranks, start=1)]
        return [*below, Rung(len(below) + 1, None, "professional-standards", 60, 600, calendar)]

    def take(self, step: str, place: int, other: int) -> None:
        """One thing that may happen; what the portal refuses changes nothing."""
        doing: dict[str, Callable[[], Any]] = {
            "lapse": self.lapse,
            "open": lambda: opening.open_duty(person=self._actor(place), report_id=self.report.pk, why="duty"),
            "pass": lambda: passing.pass_on(
                person=self._actor(place), report_id=self.report.pk, to=self.people[other].pk, reason="Theirs to see to"
            ),
            "aside": lambda: stepping_aside.step_aside(person=self._actor(place), report_id=self.report.pk, reason="I know them"),
            "leave": lambda: self.leave(place),
            "go away": lambda: self.go_away(place, other),
            "staff": lambda: PostMember.objects.get_or_create(post=self.post, person=self.people[place]),
            "unstaff": lambda: PostMember.objects.filter(person=self.people[place]).delete(),
            "act": lambda: acting.act(
                person=self._actor(place), report_id=self.report.pk, outcome=[Outcome.STANDARDS, Outcome.LOCAL][place % 2], reasons="Done"
            ),
        }
        try:
            doing[step]()
        except (NotYours, NotHolding, passing.CannotPass, stepping_aside.NobodyElse):
            pass
        alert_unstaffed()

    def lapse(self) -> None:
        """Everything about the report moves sixty days into the past, the duties that ended with it, and the sweep comes by."""
        ended = Duty.objects.filter(report=self.report, ended_at__isnull=False)
        ended.update(from_at=F("from_at") - AGO, ended_at=F("ended_at") - AGO)
        age(self.report, days=AGO.days)
        lapsing.fire_due()

    def leave(self, place: int) -> None:
        Person.objects.filter(pk=self.people[place].pk).update(is_active=False)
        leavers.move_duties({self.people[place].pk}, Departure.LEFT)

    def go_away(self, place: int, deputy: int | None) -> None:
        at = timezone.now()
        stands_in = self.people[deputy] if deputy is not None and deputy != place else None
        Absence.objects.create(
            person=self.people[place], deputy=stands_in, starts_at=at - timedelta(hours=1), ends_at=at + timedelta(days=900)
        )

    def _actor(self, place: int) -> Person:
        """Whoever holds the duty, most of the time; else anybody."""
        duty = self.duty
        holder = self.people[place] if duty is None else duty.holder or self.post.members.order_by("pk").first()
        found: Person = Person.objects.get(pk=(holder or self.people[place]).pk)
        return found
