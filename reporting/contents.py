"""What a report says, opened from the vault for somebody who may read it. It never holds the reporter's name."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.people.models import Person
from portal.ui import words
from portal.vault.sealing import read_text
from reporting.choices import Category, Excluded, Line, Platform, SenderKind, Setting, YesNoUnsure
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Report

# Words of the officer's own, each sealed under its name; what is structured is sealed together as "answers".
PRIVATE = ("message", "group_name", "platform_name", "sender_name", "others", "challenged_how", "risk")
STRUCTURED = (
    "platform", "setting", "sent", "saw", "sender_kind", "managers", "line", "challenged", "still_in", "disappearing", "victim", "device",
    "on_duty",
)  # fmt: skip
ANSWERS = "answers"
SAID = "What it said"
SEALED_NAMES = "private"  # in the answers: which of PRIVATE this report has
DEVICES = {"force": "Force handset", "personal": "Personal phone", "other": "Something else"}
NOT_A_GROUP = "not_group"
STILL_IN = {"yes": "Yes", "no": "No, I left", NOT_A_GROUP: "It was not a group"}
ON_DUTY = {"on": "On duty", "off": "Off duty", "unsure": "Not sure"}


@dataclass(frozen=True, slots=True)
class FileShown:
    """A file of a report with the name it came with."""

    attachment: Attachment
    name: str

    @property
    def is_picture(self) -> bool:
        return self.attachment.preview_type == "image/jpeg"


@dataclass(frozen=True, slots=True)
class Contents:
    """A report's words. `sections` are (title, rows), a row being what `{% summary_list %}` takes."""

    answers: Mapping[str, Any]
    senders: list[Person]
    named: list[Person]
    files: list[FileShown]
    categories: list[str]
    at_risk_now: bool
    confidential: bool

    @property
    def message(self) -> str:
        return str(self.answers.get("message", ""))

    @property
    def sections(self) -> list[tuple[str, list[dict[str, str]]]]:
        return [("The message", self.message_rows()), ("The people", self.people_rows()), ("What you did", self.response_rows())]

    def rows(self) -> list[dict[str, str]]:
        """Every row but the message itself, in the order of the form; who is at risk now comes before all else."""
        risk, *response = self.response_rows()
        rest = [*(row for row in self.message_rows() if row["key"] != SAID), *self.people_rows()]
        return [risk, *rest, *response] if self.at_risk_now else [*rest, risk, *response]

    def message_rows(self) -> list[dict[str, str]]:
        said = self.answers.get
        app = said("platform_name") or _label(Platform, said("platform"))
        return _rows(
            (SAID, self.message),
            ("Kind of message", ", ".join(Category(kept).label for kept in self.categories)),
            ("App", app),
            ("Where", _label(Setting, said("setting"))),
            ("Group name", said("group_name", "")),
            ("When it was sent", moment(said("sent"))),
            ("When it was seen", moment(said("saw"))),
            ("Files", ", ".join(shown.name for shown in self.files)),
        )

    def people_rows(self) -> list[dict[str, str]]:
        said = self.answers.get
        sender = "\n".join(
            [_label(SenderKind, said("sender_kind")), *(person.name_unit_and_number for person in self.senders), said("sender_name", "")]
        )
        others = "\n".join([*(person.name_unit_and_number for person in self.named), said("others", "")])
        return _rows(
            ("Who sent it", sender.strip()),
            ("Others involved", others.strip()),
            ("A manager took part", _label(YesNoUnsure, said("managers"))),
            ("Line of command", "Left out" if said("line") == Line.NOT_MINE else ""),
        )

    def response_rows(self) -> list[dict[str, str]]:
        said = self.answers.get
        challenged = "\n".join([_yes_no(said("challenged")), said("challenged_how", "")])
        risk = "\n".join([_yes_no(self.at_risk_now), said("risk", "")])
        return _rows(
            ("Anybody at risk now", risk.strip()),
            ("Challenged", challenged.strip()),
            ("Still in the group", "" if self._never_a_group() else STILL_IN.get(said("still_in", ""), "")),
            ("Disappearing messages on", _label(YesNoUnsure, said("disappearing"))),
            ("A victim may be identified", _label(YesNoUnsure, said("victim"))),
            ("Seen on", DEVICES.get(said("device", ""), "")),
            ("On or off duty", ON_DUTY.get(said("on_duty", ""), "")),
            ("Name kept from the senior officer", _yes_no(self.confidential)),
        )

    def _never_a_group(self) -> bool:
        """Then the row of where it was sent has said so."""
        return self.answers.get("setting") == Setting.ONE_TO_ONE and self.answers.get("still_in") == NOT_A_GROUP


def read(report: Report) -> Contents:
    """Open a report. Raises vault.Erased where it was erased. Whoever shows it records that it was consulted."""
    answers = json.loads(read_text(report.container, ANSWERS)[ANSWERS])
    private = answers.pop(SEALED_NAMES)
    answers |= read_text(report.container, *private) if private else {}
    exclusions = list(report.exclusions.select_related("person__unit").order_by("pk"))
    attachments = list(report.attachments.all())
    file_names = evidence.names(attachments)
    return Contents(
        answers=answers,
        senders=[excluded.person for excluded in exclusions if excluded.why == Excluded.SENDER],
        named=[excluded.person for excluded in exclusions if excluded.why == Excluded.NAMED],
        files=[FileShown(attachment, file_names[attachment.pk]) for attachment in attachments],
        categories=report.categories,
        at_risk_now=report.at_risk_now,
        confidential=report.confidential,
    )


def of_answers(answers: Mapping[str, Any], *, people: Mapping[str, Person], attachments: list[Attachment]) -> Contents:
    """A draft's answers as a report would say them. `people` are those it mentions, by id."""
    file_names = evidence.names(attachments)
    return Contents(
        answers=answers,
        senders=[people[key] for key in [answers.get("sender_person") or ""] if key in people],
        named=[people[key] for key in answers.get("named", []) if key in people],
        files=[FileShown(attachment, file_names[attachment.pk]) for attachment in attachments],
        categories=list(answers.get("categories", [])),
        at_risk_now=answers.get("at_risk_now") is True,
        confidential=answers.get("confidential") is True,
    )


def moment(kept: str | None) -> str:
    return words.moment(datetime.fromisoformat(kept)) if kept else ""


def _rows(*pairs: tuple[str, str]) -> list[dict[str, str]]:
    return [{"key": key, "value": value} for key, value in pairs if value]


def _label(choices: Any, value: str | None) -> str:
    return str(choices(value).label) if value else ""


def _yes_no(value: bool | None) -> str:
    return {True: "Yes", False: "No"}.get(value, "") if value is not None else ""
