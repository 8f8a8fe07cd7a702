"""Send: the moment a draft becomes a report and the duty to act passes to a senior officer. One transaction, all or nothing."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from portal.notices.outbox import Notice, put_all
from portal.people.models import Person
from portal.postgres.base import planned_once
from portal.receipts import telling
from portal.record.appending import Entry, append_all, now, person_actor
from portal.record.canonical import Json
from portal.ui import words
from portal.vault.files import forget
from portal.vault.sealing import seal
from reporting import duty as duties
from reporting import notifying
from reporting.choices import Excluded, Line, Setting, Why, YesNoUnsure
from reporting.confidence import voices
from reporting.confidence.oneself import named_in, seal_of
from reporting.contents import ANSWERS, NOT_A_GROUP, PRIVATE, SEALED_NAMES, STRUCTURED
from reporting.desk import own_line as own_lines
from reporting.desk.links import group_digest
from reporting.desk.own_line import NOBODY, OwnLine
from reporting.drafts.becoming import become
from reporting.drafts.drafting import PAGES, SEALED_AS, DraftGone, lock_draft, read_pages
from reporting.drafts.references import new_reference
from reporting.escalation import foreseeing, ladder, routing
from reporting.evidence import keeping as evidence
from reporting.models import Draft, Promise, Report
from reporting.promises import promising, terms

TRIES = 3


class NamesReporter(Exception):
    """What was written names the reporter, whose name is to be kept back, and they have not been shown that yet."""


class ManagerIsTold(Exception):
    """A manager of the reporter, in professional standards, can't be kept from the report, and they have not been shown that yet."""


class NotReady(Exception):
    """A page of the draft is missing or has something wrong in it."""

    def __init__(self, page: str) -> None:
        super().__init__("Finish every page before you send the report.")
        self.page = page


@dataclass(frozen=True, slots=True)
class Plan:
    """What sending needs to know of a draft's answers besides the words."""

    answers: Mapping[str, Any]
    exclusions: dict[uuid.UUID, Excluded]
    rungs: list[ladder.Rung]
    skip_line: bool
    own_line: OwnLine = NOBODY


@dataclass(frozen=True, slots=True)
class Shown:
    """What a reporter was shown before they sent a report: `oneself.seal_of` what names them, and whether a manager of theirs is told."""

    names_you: str
    manager_is_told: bool


def send_report(*, reporter: Person, draft_id: uuid.UUID, shown: Shown | None = None) -> Report:
    """Send a draft; sending it again returns the report it became, unchanged.

    shown: None where nobody looks. Raises DraftGone where it is neither draft nor report of this person, NotReady, NamesReporter,
    ManagerIsTold, and ladder.NoPolicy.
    """
    for tried in range(1, TRIES + 1):
        try:
            return _send(reporter, draft_id, shown)
        except IntegrityError as error:  # a reference drawn twice, about once in ten thousand million
            if "reference" not in str(error) or tried == TRIES:
                raise
    raise AssertionError("unreachable")


def plan(reporter: Person, answers: Mapping[str, Any]) -> Plan:
    """Who may never hold the duty, and the ladder in force, `routing.without_line` where `leaves_line_out`. Raises ladder.NoPolicy."""
    exclusions = {uuid.UUID(key): Excluded.NAMED for key in answers.get("named", [])}
    if answers.get("sender_person"):
        exclusions[uuid.UUID(answers["sender_person"])] = Excluded.SENDER
    exclusions[reporter.pk] = Excluded.REPORTER
    rungs = ladder.in_force(urgent=bool(answers.get("at_risk_now")), categories=answers.get("categories", []))
    if not leaves_line_out(answers):
        return Plan(answers, exclusions, rungs, skip_line=False)
    own_line = own_lines.of_reporter(reporter, exclusions.keys())
    exclusions |= dict.fromkeys(own_line.kept_out, Excluded.LINE)
    return Plan(answers, exclusions, routing.without_line(rungs), skip_line=True, own_line=own_line)


def leaves_line_out(answers: Mapping[str, Any]) -> bool:
    """Whether the report begins with professional standards: a manager took part, or the reporter said "not my line of command"."""
    return answers.get("managers") == YesNoUnsure.YES or answers.get("line") == Line.NOT_MINE


def promise(*, reporter: Person, planned: Plan) -> list[foreseeing.Foreseen]:
    """Who would hold the duty if the draft were sent now, and who after them."""
    return foreseeing.foresee(reporter=reporter, rungs=planned.rungs, excluded=frozenset(planned.exclusions), at=now())


def all_answers(draft: Draft) -> dict[str, Any]:
    """The answers of every page together. Raises NotReady with the first page that lacks them."""
    pages, answers = read_pages(draft), dict[str, Any]()
    for name in PAGES:
        if name not in pages or pages[name].answers is None:
            raise NotReady(name)
        answers |= pages[name].answers or {}
    return _agreed(answers)


def _agreed(answers: dict[str, Any]) -> dict[str, Any]:
    """What the third page says of a group, after what the first page says now: it may have been changed since. Raises NotReady."""
    if answers.get("setting") == Setting.ONE_TO_ONE:
        return {**answers, "still_in": NOT_A_GROUP}
    if answers.get("still_in") == NOT_A_GROUP:
        raise NotReady("response")
    return answers


def names_in(draft: Draft, answers: Mapping[str, Any]) -> list[str]:
    """What in the words and in the names of files names the reporter, where their name is to be kept back."""
    if answers.get("confidential") is not True:
        return []
    words = [str(answers.get(name) or "") for name in PRIVATE]
    return named_in([*words, *evidence.names(list(draft.attachments.all())).values()], draft.reporter)


def _send(reporter: Person, draft_id: uuid.UUID, shown: Shown | None) -> Report:
    with transaction.atomic(), planned_once():
        try:
            draft = lock_draft(reporter=reporter, draft_id=draft_id)
        except DraftGone:
            return _sent_already(reporter, draft_id)
        answers = all_answers(draft)
        planned, at = plan(reporter, answers), now()
        if shown is not None:
            _must_have_seen(shown, names_in(draft, answers), planned)
        report = _report_of(reporter, draft, planned, at)
        promised = promising.first(report, terms.freeze(urgent=report.at_risk_now))
        files = become(report, planned.exclusions, promised)
        found = routing.first_holder(
            reporter=reporter, ladder=planned.rungs, excluded=frozenset(planned.exclusions), skip_line=planned.skip_line, at=at
        )
        duty = duties.begin(report=report, found=found, why=Why.SENT, seq=1, at=at)
        sealed = _seal_answers(report, planned) | {f"file-{key}": commitment for key, commitment in files.items()}
        append_all([_sent(promised, planned, sealed), duties.passed_fact(duty, actor=_passed_by(report))])
        put_all([*notifying.notice_for(duty, excluded=planned.exclusions.keys()), _receipt(promised)])
        return report


def _must_have_seen(shown: Shown, named: list[str], planned: Plan) -> None:
    if named and shown.names_you != seal_of(named):
        raise NamesReporter
    if planned.own_line.is_told and not shown.manager_is_told:
        raise ManagerIsTold


def _sent_already(reporter: Person, draft_id: uuid.UUID) -> Report:
    report = Report.objects.for_reporter(reporter).filter(pk=draft_id).first()
    if report is None:
        raise DraftGone
    return report


def _report_of(reporter: Person, draft: Draft, planned: Plan, at: datetime) -> Report:
    """The report a draft becomes, not written yet."""
    return Report(
        pk=draft.pk,
        reference=new_reference(),
        reporter=reporter,
        unit_id=reporter.unit_id,
        container=draft.container,
        group_digest=group_digest(planned.answers.get("group_name") or ""),
        categories=planned.answers["categories"],
        at_risk_now=bool(planned.answers["at_risk_now"]),
        confidential=bool(planned.answers["confidential"]),
        ladder=ladder.freeze(planned.rungs),
        sent_at=at,
    )


def _seal_answers(report: Report, planned: Plan) -> dict[str, str]:
    """Seal the words, the structured answers, and who is excluded: an accusation is as private as the words, and as erasable.

    What was typed into the draft goes.
    """
    private = {name: str(planned.answers[name]) for name in PRIVATE if planned.answers.get(name)}
    structured = {name: planned.answers.get(name) for name in STRUCTURED} | {SEALED_NAMES: list(private)}
    excluded = {str(key): str(why.value) for key, why in planned.exclusions.items()}
    kept = {ANSWERS: json.dumps(structured, sort_keys=True), "excluded": json.dumps(excluded, sort_keys=True)}
    forget(container=report.container, names=[SEALED_AS])
    return seal(container=report.container, values={**private, **kept})


def _passed_by(report: Report) -> str:
    """Who passes the first duty: the reporter, or where their name is kept from its holder, nobody. Holders have receipts of this fact."""
    return voices.actor(report, "sending")


def _sent(promised: Promise, planned: Plan, sealed: Mapping[str, str]) -> Entry:
    report = promised.report
    facts: dict[str, Json] = {
        "report": str(report.pk),
        "categories": sorted(report.categories),
        "at_risk_now": report.at_risk_now,
        "confidential": report.confidential,
        "line_skipped": planned.skip_line,
        "ladder": report.ladder,
        **promising.said(promised),
    }
    return Entry(kind="report.sent", subject=report.subject, actor=person_actor(report.reporter), facts=facts, sealed=sealed)


def _receipt(promised: Promise) -> Notice:
    report = promised.report
    return Notice(
        to=report.reporter,
        kind="report.sent",
        subject=f"Your report {report.reference} was sent",
        body=(
            "The duty to act on it has passed to a senior officer. Your report's page shows who holds it and what they do. "
            f"You will hear by {words.moment(promised.due_at)}. "
            f"{telling.where()}"
        ),
        link=f"/reports/{report.reference}/",
        dedupe=f"report:{report.pk}:sent",
    )
