"""A report's timeline in plain words, told from its facts: one sentence each, newest first, worded for whoever reads it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from portal.people.models import Person, Role
from portal.record.appending import person_actor
from portal.record.models import Fact
from portal.vault.sealing import Erased, read_text
from reporting.choices import DutyState
from reporting.confidence import names
from reporting.desk import conflicts, links
from reporting.duty import holder_first
from reporting.models import Conflict, Duty, Handling, Report
from reporting.sentences import SENTENCES, Event

# Only professional standards are shown who looked, who wrote a note, who asked to erase what was not erased, who asked for a name, and who
# was excluded.
LINKING = ("report.linked", "report.unlinked")
EXCLUDING = ("conflict.found", "conflict.ended")
LOOKING = (
    *("report.consulted", "evidence.consulted", "note.added", "erasure.asked", "erasure.withdrawn", "erasure.refused"),
    *("duty.assigned", "duty.unassigned", "standards.recorded", *LINKING, *EXCLUDING),
    *("name.asked", "name.withdrawn", "name.refused", "name.opened", "name.closed"),
)
TAKEN = "statement.taken"  # they, and whoever took it
FOUND = "standards.recorded"  # they, and where it is marked for them the reporter
NAME_TOLD = "name.told"  # they, and the reporter
# Facts about a report that its reporter has a receipt of.
RECEIPTS = frozenset(
    (
        *("report.sent", "report.added", "report.answered", "duty.passed", "duty.told", "duty.opened", "duty.taken_up"),
        *("duty.acted", "duty.acted_late", "duty.stepped_aside", "deadline.missed", "promise.missed", "closure.disputed"),
    )
)
WORDS = (
    *("name-reason-", "name-withheld-", "name-refusal-"),
    *("message-", "reasons-", "shared-", "passed-", "aside-", "reopened-", "disputed-", "checklist-", "finding-", "link-", "unlink-"),
    "conflict-",
)
REPORTER_WROTE = ("closure.disputed", "report.answered", "report.added")
HOLDER_DID = ("duty.taken_up", "report.asked", "reporter.told", "duty.acted", "duty.acted_late")
NOT_FOR_THE_REPORTER = ("reasons-", "aside-", "reopened-", "checklist-")


def timeline(report: Report, *, viewer: Person) -> list[Event]:
    """What happened to the report, newest first, as far as `viewer` may know it.

    The reporter sees the words meant for them; professional standards see who looked; a holder sees the reasons. A name that is kept back
    is shown to the two who opened it. A former holder sees what happened up to the end of their duty, and what they did since.
    """
    return Telling(report, viewer).events()


@dataclass
class Telling:
    """Everything one telling needs, read once."""

    report: Report
    viewer: Person

    def events(self) -> list[Event]:
        told = [event for fact in self.facts if (event := self.event(fact)) is not None]
        return told[::-1]

    def unanswered(self) -> Event | None:
        """What the reporter wrote last, where nobody who held the duty did anything since; for the top of a holder's page."""
        fact = next((fact for fact in reversed(self.facts) if fact.kind in (*REPORTER_WROTE, *HOLDER_DID)), None)
        if fact is None or fact.kind not in REPORTER_WROTE or (told := self.event(fact)) is None:
            return None
        if fact.kind != "closure.disputed":
            return replace(told, text="The reporter wrote", detail="")
        who = self.holder(fact.data["duty"])
        said = who[0].lower() + who[1:] if who.startswith(("You", "The ")) else who
        return replace(told, text=f"The reporter disputed what {said} did")

    def event(self, fact: Fact) -> Event | None:
        sentence = SENTENCES.get(fact.kind)
        if sentence is None:
            return None
        told = sentence(self, fact)
        return replace(told, links=[*told.links, receipt_link(fact)]) if self.is_reporter and fact.kind in RECEIPTS else told

    @property
    def is_reporter(self) -> bool:
        return self.viewer.pk == self.report.reporter_id

    @cached_property
    def is_standards(self) -> bool:
        return not self.is_reporter and self.viewer.has_role(Role.PROFESSIONAL_STANDARDS)

    @cached_property
    def sees_reporter(self) -> bool:
        return names.sees_reporter(self.viewer, self.report)

    @cached_property
    def facts(self) -> list[Fact]:
        """Both chains of the report as one: what happened, and who looked, which older reports have in the first."""
        facts = list(Fact.objects.filter(subject__in=(self.report.subject, self.report.consultations)).order_by("at", "pk"))
        if self.is_standards:
            facts = [fact for fact in facts if self._standards_may_know(fact)]
        else:
            facts = [fact for fact in facts if self._may_know(fact)]
        return facts if self.is_reporter or self.is_standards else part_seen(facts, self.viewer, self.duties)

    @cached_property
    def linked(self) -> dict[str, str]:
        """References of the reports that were ever linked with this one and that the viewer may know of, by the key of the link."""
        return links.ever_linked(self.viewer, self.report)

    @cached_property
    def conflicts(self) -> dict[str, Conflict]:
        """Who was ever excluded by professional standards, by the key of the conflict; nobody once the report is erased."""
        return conflicts.ever_found(self.report)

    def _standards_may_know(self, fact: Fact) -> bool:
        """Not of a link with a report they must not know of, nor of what was once found of themselves."""
        if fact.kind in EXCLUDING:
            conflict = self.conflicts.get(fact.data["conflict"])
            return conflict is None or conflict.person_id != self.viewer.pk
        return fact.kind not in LINKING or fact.data["link"] in self.linked

    def _may_know(self, fact: Fact) -> bool:
        """Of what is not on the report's own chain, for whoever is not in professional standards."""
        if fact.kind == TAKEN:
            return _key(fact.actor) == self.viewer.pk
        if fact.kind == FOUND:
            return self.is_reporter and bool(fact.data["shared"])
        return self.is_reporter if fact.kind == NAME_TOLD else fact.kind not in LOOKING

    @cached_property
    def duties(self) -> dict[int, Duty]:
        return {duty.pk: duty for duty in self.report.duties.select_related("holder__unit", "post").order_by("seq")}

    @cached_property
    def people(self) -> dict[uuid.UUID, Person]:
        keys = {key for fact in self.facts for spelled in (fact.actor, str(fact.data.get("to", ""))) if (key := _key(spelled))}
        keys |= {uuid.UUID(one["person"]) for duty in self.duties.values() for one in duty.skipped if "person" in one}
        keys |= {key for fact in self.facts if fact.kind == "duty.next_told" and (key := _key(fact.data["told"]))}
        found: dict[uuid.UUID, Person] = Person.objects.select_related("unit").in_bulk(keys)
        return found

    @cached_property
    def sealed(self) -> dict[str, str]:
        """The words that this viewer may read."""
        names = self._names()
        try:
            return read_text(self.report.container, *names) if names else {}
        except Erased:
            return {}

    @cached_property
    def about_erasures(self) -> dict[str, str]:
        """Reasons for erasing, or for refusing to, which outlive the report's words; for professional standards."""
        if not self.is_standards or not any(fact.kind.startswith("erasure.") for fact in self.facts):
            return {}
        return {name: text for erasure in self.report.erasures.all() for name, text in read_text(erasure.container).items()}

    def _names(self) -> list[str]:
        names = [name for fact in self.facts for name in json.loads(fact.sealed) if name.startswith(WORDS)]
        return [name for name in names if not (self.is_reporter and name.startswith(NOT_FOR_THE_REPORTER))]

    def name(self, key: uuid.UUID | None) -> str:
        if key == self.viewer.pk:
            return "You"
        if key == self.report.reporter_id and not self.sees_reporter:
            return "The reporter"
        person = self.people.get(key) if key else None
        return person.name_and_unit if person else "Somebody"

    def actor(self, fact: Fact) -> str:
        return self.name(_key(fact.actor))

    def holder(self, duty_id: int) -> str:
        duty = self.duties[duty_id]
        return "You" if duty.holder == self.viewer else holder_first(duty)


def receipt_link(fact: Fact) -> dict[str, str]:
    return {"text": "Receipt", "href": f"/receipts/{fact.pk}/"}


def part_seen(facts: list[Fact], viewer: Person, duties: Mapping[int, Duty]) -> list[Fact]:
    """All of it for the present holder; for a former one, up to the end of their last duty, and their own acts after it.

    For who left the desk before it ended, up to what they did last.
    """
    had = set(Duty.objects.filter(pk__in=duties).ever_held_by(viewer).values_list("pk", flat=True))
    left = [duty.pk for duty in duties.values() if duty.post_id is not None and duty.pk not in had]
    handled = set(Handling.objects.filter(person=viewer, duty__in=left).values_list("duty", flat=True)) if left else set()
    theirs = had | handled
    mine = [duty for duty in duties.values() if duty.pk in theirs]
    if not mine:
        return []
    return facts if mine[-1].ended_at is None and mine[-1].pk not in handled else _until_end(facts, viewer, mine[-1], left=handled)


def _until_end(facts: list[Fact], viewer: Person, last: Duty, *, left: Container[int]) -> list[Fact]:
    ended = next((place for place, fact in enumerate(facts) if _ends(fact, last)), len(facts) - 1)
    if last.pk in left:
        began = next(place for place, fact in enumerate(facts) if fact.kind == "duty.passed" and fact.data["duty"] == last.pk)
        ended = last_done(facts[: ended + 1], viewer, began)
    return [*facts[: ended + 1], *(fact for fact in facts[ended + 1 :] if _key(fact.actor) == viewer.pk)]


def last_done(facts: Sequence[Fact], person: Person, began: int) -> int:
    """The place of what this person did last about the duty that `facts[began]` began, or that place where they did nothing."""
    duty, actor = facts[began].data["duty"], person_actor(person)
    done = (place for place in range(began, len(facts)) if facts[place].actor == actor and facts[place].data.get("duty") == duty)
    return max(done, default=began)


def _ends(fact: Fact, duty: Duty) -> bool:
    if fact.kind == "duty.passed":
        return bool(fact.data["seq"] == duty.seq + 1)
    acted = dict.fromkeys((DutyState.ACTED, DutyState.REOPENED), "duty.acted")
    ending = {**acted, DutyState.ERASED: "report.erased"}.get(DutyState(duty.state))
    return fact.kind == ending and bool(fact.data.get("duty") == duty.pk)


def _key(spelled: str) -> uuid.UUID | None:
    noun, _, key = spelled.partition(":")
    return uuid.UUID(key) if noun == "person" else None
