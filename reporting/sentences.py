"""One sentence for each kind of fact about a report. `Teller` knows who reads it and what they may know."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol

from portal.people.models import Person, Rank
from portal.record.models import Fact
from portal.requests.choices import Ground
from portal.ui import words
from reporting.choices import Deadline, Outcome, Recorded, Why, Withholding
from reporting.models import Conflict, Duty, Report

DELAY_WORTH_SAYING = timedelta(minutes=2)
OVER = {
    "absent": "away",
    "left": "no longer in the force",
    "held_before": "held it before",
    "low_rank": "of too low a rank",
    "excluded": "may not hold it",
}


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the timeline: a sentence, its time, and what was written, as `{% timeline %}` takes it."""

    text: str
    at: datetime
    detail: str = ""
    links: list[dict[str, str]] = field(default_factory=list)


class Teller(Protocol):
    """What a sentence asks of the telling: see `reporting.timeline.Telling`."""

    @property
    def report(self) -> Report: ...
    @property
    def viewer(self) -> Person: ...
    @property
    def is_reporter(self) -> bool: ...
    @property
    def is_standards(self) -> bool: ...
    @property
    def sealed(self) -> dict[str, str]: ...
    @property
    def about_erasures(self) -> dict[str, str]: ...
    @property
    def duties(self) -> dict[int, Duty]: ...
    @property
    def linked(self) -> dict[str, str]: ...
    @property
    def conflicts(self) -> dict[str, Conflict]: ...
    def actor(self, fact: Fact) -> str: ...
    def holder(self, duty_id: int) -> str: ...
    def name(self, key: uuid.UUID | None) -> str: ...


def sent(telling: Teller, fact: Fact) -> Event:
    if telling.is_reporter:
        return Event("You sent this report", fact.at)
    return Event(f"{telling.actor(fact)} sent this report" if telling.is_standards else "The report was sent", fact.at)


def passed(telling: Teller, fact: Fact) -> Event:
    data = fact.data
    duty, why = telling.duties[data["duty"]], Why(data["why"])
    holder, giver = telling.holder(duty.pk), telling.actor(fact)
    text = {
        Why.PASSED: f"{giver} passed the duty to {_inside(holder)}",
        Why.STEPPED_ASIDE: f"The duty passed to {_inside(holder)}",
        Why.MOVED: f"Professional standards moved the duty to {_inside(holder)}",
        Why.REFERRED: f"The duty was referred to {_inside(holder)}",
        Why.REOPENED: f"{reopener(telling, fact)} reopened this report, and the duty to act passed to {_inside(holder)}",
        Why.LEFT: f"The holder left, so the duty passed to {_inside(holder)}",
        Why.TRANSFERRED: f"The holder moved to another unit, so the duty passed to {_inside(holder)}",
    }.get(why, f"The duty to act passed to {_inside(holder)}")
    deadlines = f"To open by {words.moment(_at(data, 'open_due_at'))} and act by {words.moment(_at(data, 'act_due_at'))}."
    lines = (deadlines, passed_over(telling, duty), _reason(telling, fact))
    return Event(text, _at(data, "from_at"), "\n".join(line for line in lines if line))


def reopener(telling: Teller, fact: Fact) -> str:
    """Which member of professional standards did it is for professional standards to know."""
    return telling.actor(fact) if telling.is_standards else "Professional standards"


def passed_over(telling: Teller, duty: Duty) -> str:
    """Who the duty did not go to, and why. That somebody is excluded, and who, is for professional standards alone; that the reporter never
    holds it goes without saying, and would say whose deputy they are."""
    known = [one for one in duty.skipped if one["why"] in OVER and one.get("person") not in (None, str(telling.report.reporter_id))]
    over = [one for one in known if telling.is_standards or one["why"] != "excluded"]
    named = ", ".join(f"{telling.name(uuid.UUID(one['person']))} ({OVER[one['why']]})" for one in over)
    said = [f"Passed over: {named}."] if named else []
    return " ".join([*said, *_vacant(telling.report, duty)])


def _vacant(report: Report, duty: Duty) -> list[str]:
    """The lowest level that nobody in the line of command could take: where it has nobody, those above it have nobody either."""
    empty = {one["level"] for one in duty.skipped if one["why"] == "vacant"}
    ranks = [rung["least_rank"] for rung in report.ladder if rung["level"] in empty and rung["least_rank"]] if empty else []
    return [f"Nobody above the reporter of the rank of {Rank(min(ranks)).label} or higher could take it."] if ranks else []


def told(telling: Teller, fact: Fact) -> Event:
    duty = telling.duties[fact.data["duty"]]
    holder = telling.holder(duty.pk)
    return Event(f"{holder} {'were' if holder == 'You' else 'was'} told", _at(fact.data, "told_at"))


def next_told(telling: Teller, fact: Fact) -> Event:
    if fact.data["told"].startswith("post:"):
        return Event("The desk that it passes to next was told", _at(fact.data, "told_at"))
    name = telling.name(uuid.UUID(fact.data["told"].removeprefix("person:")))
    told_whom = "You were told that it passes to you next" if name == "You" else f"{name} was told that it passes to them next"
    return Event(told_whom, _at(fact.data, "told_at"))


def opened(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} opened the report", _at(fact.data, "opened_at"))


def taken_up(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} took this up", _at(fact.data, "taken_up_at"))


def missed(telling: Teller, fact: Fact) -> Event:
    data = fact.data
    due, fired = _at(data, "due_at"), _at(data, "fired_at")
    doing = {Deadline.OPEN: "open it", Deadline.ACT: "act"}[Deadline(data["deadline"])]
    late = f"Recorded {words.duration(fired - due)} after the deadline." if fired - due > DELAY_WORTH_SAYING else ""
    return Event(f"{telling.holder(data['duty'])} did not {doing} by {words.moment(due)}", fired, late)


def unheard(telling: Teller, fact: Fact) -> Event:
    data = fact.data
    due, fired = _at(data, "due_at"), _at(data, "fired_at")
    whom = "You" if telling.is_reporter else "The reporter"
    late = f"Recorded {words.duration(fired - due)} after that." if fired - due > DELAY_WORTH_SAYING else ""
    then = f"{'You' if telling.is_reporter else 'They'} will hear by {words.moment(_at(data, 'hear_by'))}." if "hear_by" in data else ""
    return Event(f"{whom} did not hear by {words.moment(due)}", fired, " ".join(part for part in (late, then) if part))


def disputed(telling: Teller, fact: Fact) -> Event:
    who = "You" if telling.is_reporter else "The reporter"
    return Event(f"{who} disputed what was done", _at(fact.data, "disputed_at"), _reason(telling, fact))


def acted(telling: Teller, fact: Fact) -> Event:
    data, words_of = fact.data, telling.sealed
    late = ", late" if data["late"] else ""
    reasons, shared = words_of.get(f"reasons-{data['duty']}", ""), words_of.get(f"shared-{data['duty']}", "")
    rest = (shared and f"For the reporter: {shared}", words_of.get(f"checklist-{data['duty']}", ""))
    said = shared if telling.is_reporter else "\n\n".join(part for part in (reasons, *rest) if part)
    who = telling.actor(fact)
    they = "you" if who == "You" else "they"
    return Event(f"{who} recorded what {they} did{late}: {_inside(Outcome(data['outcome']).label)}", _at(data, "acted_at"), said)


def acted_late(telling: Teller, fact: Fact) -> Event:
    told_of = acted(telling, fact)
    return Event(told_of.text, told_of.at, f"Their duty had ended when a deadline passed.\n\n{told_of.detail}".strip())


def stepped_aside(telling: Teller, fact: Fact) -> Event:
    reason = _reason(telling, fact) if telling.is_standards else ""
    return Event(f"{telling.actor(fact)} stepped aside, because of a conflict of interest", fact.at, reason)


def asked(telling: Teller, fact: Fact) -> Event:
    whom = "you" if telling.is_reporter else "the reporter"
    return Event(f"{telling.actor(fact)} asked {whom} a question", fact.at, _message(telling, fact))


def reporter_told(telling: Teller, fact: Fact) -> Event:
    whom = "you" if telling.is_reporter else "the reporter"
    return Event(f"{telling.actor(fact)} wrote to {whom}", fact.at, _message(telling, fact))


def answered(telling: Teller, fact: Fact) -> Event:
    return Event(f"{_reporter(telling, fact)} answered a question", fact.at, _message(telling, fact))


def added(telling: Teller, fact: Fact) -> Event:
    return Event(f"{_reporter(telling, fact)} added something", fact.at, _message(telling, fact))


def consulted(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} looked at {'the reporter’s name' if fact.data['why'] == 'name' else 'the report'}", fact.at)


def evidence_consulted(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} opened an original file", fact.at)


def noted(telling: Teller, fact: Fact) -> Event:
    """The words are with the other notes, not here."""
    return Event(f"{telling.actor(fact)} wrote a note", fact.at)


def assigned(telling: Teller, fact: Fact) -> Event:
    who, to = telling.actor(fact), telling.name(_person(fact.data["to"]))
    return Event(f"{who} took this at the desk" if fact.actor == fact.data["to"] else f"{who} assigned this to {_inside(to)}", fact.at)


def unassigned(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} left this unassigned at the desk", fact.at)


def found(telling: Teller, fact: Fact) -> Event:
    who = telling.actor(fact) if telling.is_standards else "Professional standards"
    what, day = Recorded(fact.data["what"]).label, words.day(date.fromisoformat(fact.data["day"]))
    marked = " The reporter can read this." if telling.is_standards and fact.data["shared"] else ""
    return Event(f"{who} recorded: {what}, {day}", fact.at, f"{_reason(telling, fact)}{marked}".strip())


def linked(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} linked this with {telling.linked[fact.data['link']]}", fact.at, _reason(telling, fact))


def unlinked(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} took this apart from {telling.linked[fact.data['link']]}", fact.at, _reason(telling, fact))


def excluded(telling: Teller, fact: Fact) -> Event:
    conflict = telling.conflicts.get(fact.data["conflict"])
    why = f"{conflict.get_why_display()}." if conflict else ""
    detail = "\n\n".join(part for part in (why, _reason(telling, fact)) if part)
    return Event(f"{telling.actor(fact)} excluded {_whom(conflict)} from this report", fact.at, detail)


def readmitted(telling: Teller, fact: Fact) -> Event:
    whom = _whom(telling.conflicts.get(fact.data["conflict"]))
    return Event(f"{telling.actor(fact)} ended the exclusion of {whom}", fact.at, _reason(telling, fact))


def _whom(conflict: Conflict | None) -> str:
    """By name also where it is a reporter whose name is kept back: any other word would tell that it is."""
    return conflict.person.name_and_unit if conflict else "somebody"


def statement_taken(telling: Teller, fact: Fact) -> Event:
    """`statement.given`, on the report's own chain, says of nobody and is told here alone: to whoever took it and to standards."""
    return Event(f"{telling.actor(fact)} made a statement of duty", fact.at)


def erasure_asked(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} asked to erase this report {_ground(fact)}", fact.at, _of_erasure(telling, fact, "erasure"))


def erasure_withdrawn(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} withdrew the request to erase this report", fact.at)


def erasure_refused(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} refused to erase this report", fact.at, _of_erasure(telling, fact, "refusal"))


def erased(telling: Teller, fact: Fact) -> Event:
    who = f"{telling.actor(fact)} erased" if telling.is_standards else "Professional standards erased"
    return Event(f"{who} the content of this report {_ground(fact)}", _at(fact.data, "erased_at"))


def erased_again(telling: Teller, fact: Fact) -> Event:
    return Event("A backup brought the content of this report back, and the portal erased it again", fact.at)


def name_asked(telling: Teller, fact: Fact) -> Event:
    withheld = f", and that they are not told before {_said_at(fact, 'withheld_until')}" if "withheld_until" in fact.data else ""
    return Event(f"{telling.actor(fact)} asked to open the reporter’s name{withheld}", fact.at, _reason(telling, fact))


def name_withdrawn(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} withdrew the request to open the reporter’s name", fact.at)


def name_refused(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} refused to open the reporter’s name", fact.at, _reason(telling, fact))


def name_opened(telling: Teller, fact: Fact) -> Event:
    ground = Withholding(fact.data["ground"]).label if "ground" in fact.data else ""
    not_told = f"The reporter is not told before {_said_at(fact, 'withheld_until')}. {ground}." if ground else ""
    asker = telling.name(uuid.UUID(fact.data["asked_by"].partition(":")[2]))
    text = f"{telling.actor(fact)} opened the reporter’s name, which {_inside(asker)} had asked for, until {_said_at(fact, 'open_until')}"
    return Event(text, fact.at, not_told)


def name_closed(telling: Teller, fact: Fact) -> Event:
    return Event(f"{telling.actor(fact)} closed the reporter’s name again", fact.at)


def name_told(telling: Teller, fact: Fact) -> Event:
    """Who of professional standards opened it is not named to the reporter."""
    opened_at = _said_at(fact, "opened_at")
    if not telling.is_reporter:
        return Event(f"The reporter was told that their name was opened at {opened_at}", fact.at)
    later = "The law allowed this to be held back from you until now." if fact.data["withheld"] else ""
    return Event(f"You were told that two people in professional standards opened your name at {opened_at}", fact.at, later)


SENTENCES: dict[str, Callable[[Any, Fact], Event]] = {
    "report.sent": sent,
    "report.added": added,
    "report.asked": asked,
    "report.answered": answered,
    "reporter.told": reporter_told,
    "report.consulted": consulted,
    "evidence.consulted": evidence_consulted,
    "note.added": noted,
    "standards.recorded": found,
    "report.linked": linked,
    "report.unlinked": unlinked,
    "conflict.found": excluded,
    "conflict.ended": readmitted,
    "duty.assigned": assigned,
    "duty.unassigned": unassigned,
    "statement.taken": statement_taken,
    "duty.passed": passed,
    "duty.told": told,
    "duty.next_told": next_told,
    "duty.opened": opened,
    "duty.taken_up": taken_up,
    "duty.acted": acted,
    "duty.acted_late": acted_late,
    "duty.stepped_aside": stepped_aside,
    "deadline.missed": missed,
    "promise.missed": unheard,
    "closure.disputed": disputed,
    "erasure.asked": erasure_asked,
    "erasure.withdrawn": erasure_withdrawn,
    "erasure.refused": erasure_refused,
    "name.asked": name_asked,
    "name.withdrawn": name_withdrawn,
    "name.refused": name_refused,
    "name.opened": name_opened,
    "name.closed": name_closed,
    "name.told": name_told,
    "report.erased": erased,
    "report.erased_again": erased_again,
}


def _at(data: dict[str, Any], name: str) -> datetime:
    return datetime.fromisoformat(data[name])


def _said_at(fact: Fact, name: str) -> str:
    return words.moment(_at(fact.data, name))


def _person(spelled: str) -> uuid.UUID:
    return uuid.UUID(spelled.partition(":")[2])


def _message(telling: Teller, fact: Fact) -> str:
    return telling.sealed.get(f"message-{fact.data['message']}", "")


def _reason(telling: Teller, fact: Fact) -> str:
    """The words sealed with this very fact, for whoever may read them."""
    return "\n\n".join(telling.sealed[name] for name in json.loads(fact.sealed) if name in telling.sealed)


def _of_erasure(telling: Teller, fact: Fact, name: str) -> str:
    return telling.about_erasures.get(f"{name}-{fact.data['erasure']}", "")


def _ground(fact: Fact) -> str:
    return f"under {Ground(fact.data['ground']).label.lower()}"


def _reporter(telling: Teller, fact: Fact) -> str:
    if telling.is_reporter:
        return "You"
    named = telling.is_standards and not fact.actor.startswith("process:")
    return telling.actor(fact) if named else "The reporter"


def _inside(name: str) -> str:
    """A name or label in the middle of a sentence."""
    first = name.split(" ", 1)[0]
    return name[:1].lower() + name[1:] if first in ("You", "The", "Nobody", "Somebody", "Taken", "Referred", "Urgent", "No") else name
