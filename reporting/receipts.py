"""Receipts about reports: the reporter's, of everything that happened to their report, and a holder's, of their own duty.

Whoever left the desk that holds a duty has those of what they did with it, and whoever is excluded has none. A holder is given no fact that
holds the key of a reporter who asked for their name to be kept back.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.db.models import Max, QuerySet
from django.utils import timezone

from portal.people.models import Person
from portal.postgres.base import one
from portal.receipts import waiting
from portal.receipts.kinds import Group, Offer
from portal.record.appending import person_actor
from portal.record.models import Fact
from reporting.choices import Deadline, Why
from reporting.contents import ANSWERS, SEALED_NAMES, of_answers
from reporting.duty import holder_key
from reporting.models import Duty, Report
from reporting.statements import parts
from reporting.statements.parts import Party, Piece
from reporting.timeline import RECEIPTS

SUBJECT = "report:"
SENDING = """
SELECT id, coalesce(leaf_index < (SELECT size FROM record_checkpoint ORDER BY id DESC LIMIT 1), false)
FROM record_fact WHERE subject = %s AND kind = 'report.sent' ORDER BY subject_seq LIMIT 1
"""
JUST_SENT = timedelta(seconds=15)
LABELS = {
    "message": "What it said",
    "group_name": "Group name",
    "platform_name": "App",
    "sender_name": "Who sent it",
    "others": "Others involved",
    "challenged_how": "How you challenged it",
    "risk": "Who is at risk",
    "answers": "Your answers",
    "excluded": "Who must not hold the duty",
}
CODED = frozenset({"answers", "excluded"})  # JSON
PREFIXED = {
    "file-": "A file, as its SHA-256",
    "message-": "What you wrote",
    "author-": "Who wrote it",
    "reasons-": "Your reasons",
    "shared-": "What the reporter may read",
    "passed-": "Why it was passed on",
    "disputed-": "Why you dispute it",
    "reopened-": "Why it was reopened",
    "checklist-": "Your checklist",
}


@dataclass(frozen=True, slots=True)
class Told:
    """What a title is made of: the fact, who did it and who holds the duty, as the reader is told, and the reference."""

    fact: Fact
    actor: str
    holder: str
    reference: str

    @property
    def theirs(self) -> str:
        return "you" if self.actor == "You" else "they"


def _passed(told: Told) -> str:
    to = told.holder[:1].lower() + told.holder[1:] if told.holder == "You" else told.holder
    if told.fact.data["why"] == Why.REOPENED:
        return f"Report {told.reference} was reopened, and the duty to act passed to {to}"
    if told.fact.data["why"] == Why.MOVED:
        return f"Professional standards moved the duty to act on report {told.reference} to {to}"
    if told.actor == "You" and told.fact.data["why"] not in (Why.SENT, Why.DISPUTED):
        return f"You passed the duty to act on report {told.reference} to {to}"
    return f"The duty to act on report {told.reference} passed to {to}"


def _missed(told: Told) -> str:
    doing = {Deadline.OPEN: "open", Deadline.ACT: "act on"}[Deadline(told.fact.data["deadline"])]
    return f"{told.holder} did not {doing} report {told.reference} in time"


TITLES: dict[str, Callable[[Told], str]] = {
    "report.sent": lambda told: f"You sent report {told.reference}",
    "report.added": lambda told: f"You added to report {told.reference}",
    "report.answered": lambda told: f"You answered a question about report {told.reference}",
    "duty.passed": _passed,
    "duty.told": lambda told: f"{told.holder} {'were' if told.holder == 'You' else 'was'} told of report {told.reference}",
    "duty.opened": lambda told: f"{told.actor} opened report {told.reference}",
    "duty.taken_up": lambda told: f"{told.actor} took report {told.reference} up",
    "duty.acted": lambda told: f"{told.actor} recorded what {told.theirs} did about report {told.reference}",
    "duty.acted_late": lambda told: f"{told.actor} recorded, late, what {told.theirs} did about report {told.reference}",
    "duty.stepped_aside": lambda told: f"{told.actor} stepped aside from report {told.reference}",
    "deadline.missed": _missed,
    "closure.disputed": lambda told: f"You disputed what was done about report {told.reference}",
    "promise.missed": lambda told: f"Nobody wrote to the reporter about report {told.reference} in time",
}
SAID = {
    "report.sent": "Report sent",
    "report.added": "Report added to",
    "report.answered": "Question answered",
    "duty.passed": "Duty passed on",
    "duty.told": "Told",
    "duty.opened": "Opened",
    "duty.taken_up": "Taken up",
    "duty.acted": "Acted on",
    "duty.acted_late": "Acted on late",
    "duty.stepped_aside": "Stepped aside",
    "deadline.missed": "Deadline missed",
    "closure.disputed": "Closure disputed",
    "promise.missed": "Reporter not told in time",
}
HOLDERS = {"duty.passed": "To"}  # what the row of the holder is called; "Duty with" under every other kind
DUES = {"open_due_at": "Must open by", "act_due_at": "Must act by", "hear_by": "The reporter hears by"}
BY_REPORTER = frozenset({"report.sent", "report.added", "report.answered", "closure.disputed"})


class Receipts:
    """What `portal.receipts` asks of this room."""

    kinds = RECEIPTS

    def count(self, person: Person) -> int:
        return Report.objects.for_reporter(person).count() + _held(person).count()

    def newest(self, person: Person, most: int) -> list[Group]:
        sent = Report.objects.for_reporter(person).newest_first().values_list("pk", "reference", "sent_at")[:most]
        held = _held(person)[:most]
        mine = [_group(key, f"Report {reference}", f"/reports/{reference}/", at) for key, reference, at in sent]
        theirs = [_group(key, f"Duty on report {reference}", f"/duties/{reference}/", at) for key, reference, at in held]
        return sorted([*mine, *theirs], key=lambda group: group.at, reverse=True)[:most]

    def offers(self, person: Person, facts: Sequence[Fact]) -> list[Offer]:
        keys = {key for fact in facts if (key := _report_key(fact)) is not None}
        reports = {report.subject: report for report in Report.objects.for_reporter(person).filter(pk__in=keys)}
        held = {report.subject: report for report in Report.objects.had_by(person).filter(pk__in=keys)} if len(reports) < len(keys) else {}
        mine = set(Duty.objects.filter(report__in=held.values()).ever_held_by(person).values_list("pk", flat=True)) if held else set()
        chosen = [
            *((fact, reports[fact.subject], Party.REPORTER) for fact in facts if fact.subject in reports),
            *(
                (fact, held[fact.subject], Party.HOLDER)
                for fact in facts
                if fact.subject in held and concerns(person, fact, held[fact.subject], mine)
            ),
        ]
        told = _who_was_told([fact for fact, _, _ in chosen])
        names = parts.names_of(parts.keys_in(Piece(fact) for fact, _, _ in chosen) | set(told.values()))
        return [_offer(person, fact, report, party, names, told.get(fact.pk, "")) for fact, report, party in chosen]


def of_sending(report: Report) -> tuple[int, bool] | None:
    """The fact that the report was sent and whether its receipt is final: of a report sent a moment ago, waited for outside any
    transaction."""
    found = one(SENDING, [report.subject])
    if found is None:
        return None
    fact, final = found
    if not final and timezone.now() - report.sent_at < JUST_SENT:
        final = waiting.wait_for(partial(waiting.covered, fact))
    return fact, bool(final)


def concerns(person: Person, fact: Fact, report: Report, duties: set[int]) -> bool:
    """Whether a holder, whose duties on this report are `duties`, may have a receipt of this fact. Who left a desk has them of what they
    did themselves."""
    if fact.kind in BY_REPORTER or (report.confidential and str(report.reporter_id) in fact.leaf):
        return False
    return fact.data.get("duty") in duties or fact.actor == person_actor(person)


def _who_was_told(facts: Sequence[Fact]) -> dict[int, str]:
    """The keys of the holders whose being told these facts are of: such a fact names the duty, and the duty its holder."""
    duties = {fact.data["duty"]: fact.pk for fact in facts if fact.kind == "duty.told"}
    held = Duty.objects.filter(pk__in=duties).select_related("post") if duties else Duty.objects.none()
    return {duties[duty.pk]: holder_key(duty) for duty in held}


def _offer(person: Person, fact: Fact, report: Report, party: Party, names: dict[str, str], told_to: str) -> Offer:
    me, key = person_actor(person), fact.data.get("holder", told_to)
    spoken = {**names, me: "You"}
    holder = spoken.get(key, "Somebody")
    told = Told(fact, spoken.get(fact.actor, "The portal"), holder, report.reference)
    sealed = [] if report.is_erased else parts.names_disclosed(party, person, Piece(fact))
    return Offer(
        fact=fact,
        title=TITLES[fact.kind](told),
        said=SAID[fact.kind],
        group=report.subject,
        stem=f"{fact.kind.replace('.', '-').replace('_', '-')}-{report.reference}",
        href=f"/{'reports' if party is Party.REPORTER else 'duties'}/{report.reference}/",
        reference=report.reference,
        names={known: name for known, name in names.items() if known in (fact.actor, key)},
        parties={HOLDERS.get(fact.kind, "Duty with"): names[key]} if key in names else {},
        dues={label: datetime.fromisoformat(fact.data[name]) for name, label in DUES.items() if name in fact.data},
        container=report.container,
        sealed={name: _label(name, party) for name in sorted(sealed, key=_order)},
        coded=CODED,
        spelled=spelled_out(fact),
        erased=report.is_erased,
    )


def spelled_out(fact: Fact) -> Mapping[str, Callable[[str], list[tuple[str, str]]]]:
    """How the structured answers of a report that was sent are told to people: as its own page tells them, by what the fact holds alone."""
    if fact.kind != "report.sent":
        return {}
    open_ones: dict[str, Any] = {name: fact.data[name] for name in ("categories", "at_risk_now", "confidential") if name in fact.data}

    def answers(text: str) -> list[tuple[str, str]]:
        said = {name: value for name, value in json.loads(text).items() if name != SEALED_NAMES}
        sections = of_answers({**said, **open_ones}, people={}, attachments=[]).sections
        return [(row["key"], row["value"]) for _, rows in sections for row in rows]

    def excluded(text: str) -> list[tuple[str, str]]:
        people = Person.objects.filter(pk__in=json.loads(text)).select_related("unit").order_by("last_name", "pk")
        return [(LABELS["excluded"], "\n".join(one.name_unit_and_number for one in people))] if people else []

    return {ANSWERS: answers, "excluded": excluded}


def _order(name: str) -> int:
    """The message first, and what was named after the facts last, as the report's own page has them."""
    return list(LABELS).index(name) if name in LABELS else len(LABELS)


def _label(name: str, party: Party) -> str:
    if name in LABELS:
        return LABELS[name]
    prefix = f"{name.partition('-')[0]}-"
    return "What they wrote for you" if prefix == "shared-" and party is Party.REPORTER else PREFIXED[prefix]


def _held(person: Person) -> QuerySet[Duty, tuple[uuid.UUID, str, datetime]]:
    duties = Duty.objects.had_by(person).filter(report__in=Report.objects.had_by(person).values("pk"))
    listed = duties.order_by().values("report").annotate(at=Max("from_at")).order_by("-at", "-report")
    return listed.values_list("report", "report__reference", "at")


def _group(key: uuid.UUID, title: str, href: str, at: datetime) -> Group:
    subject = f"{SUBJECT}{key}"
    return Group(key=subject, subject=subject, title=title, href=href, at=at)


def _report_key(fact: Fact) -> uuid.UUID | None:
    if not fact.subject.startswith(SUBJECT):
        return None
    try:
        return uuid.UUID(fact.subject.removeprefix(SUBJECT))
    except ValueError:
        return None
