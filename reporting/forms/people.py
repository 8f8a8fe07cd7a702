"""The second page: the people. A search inside the page finds colleagues by name or number; it works without a script."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.utils.datastructures import MultiValueDict

from portal.people.finding import Found, as_choices
from portal.people.line import line_of_command
from portal.people.models import LONGEST_SEARCH, Person
from portal.ui.fields import Checkboxes, CleanTextField, Radios
from reporting.choices import Line, SenderKind, Setting, YesNoUnsure
from reporting.forms.drafts import DraftForm

NONE = "none"
NOT_MINE = (
    "It starts with professional standards. Nobody who manages you is told: if they work there and can't be left out, you read so before "
    "you send it. You don't have to say why."
)
MANAGERS = "Your sergeant, inspector or anybody above them."


class PeopleForm(DraftForm):
    kept_out = frozenset({"sender_search", "others_search"})

    sender_kind = forms.ChoiceField(
        label="Who sent it?",
        choices=SenderKind.choices,
        widget=Radios(),
        error_messages={"required": "Select who sent it. If you don't know, select “Not known”"},
    )
    sender_search = CleanTextField(
        label="Find the sender by name or number",
        max_length=LONGEST_SEARCH,
        required=False,
        help_text="An officer or member of staff. They will never hold the duty on your report, or be told of it.",
    )
    sender_person = forms.ChoiceField(label="Select the sender", required=False, widget=Radios())
    sender_name = CleanTextField(
        label="Or write what you know of them", max_length=300, required=False, help_text="A name, nickname or phone number."
    )
    others_search = CleanTextField(
        label="Find others who took part",
        max_length=LONGEST_SEARCH,
        required=False,
        help_text="Anybody who took part or who the message is about. They will never hold the duty either.",
    )
    named = forms.MultipleChoiceField(label="Select who took part", required=False, widget=Checkboxes())
    others = CleanTextField(
        label="Anybody else", max_length=2000, long=True, rows=3, required=False, help_text="Describe people you could not find."
    )
    managers = forms.ChoiceField(
        label="Is anybody who manages you in the group?",
        choices=YesNoUnsure.choices,
        widget=Radios(hints={YesNoUnsure.YES: "Your report goes straight to professional standards."}),
        help_text=MANAGERS,
        error_messages={"required": "Select whether anybody who manages you took part"},
    )
    line = forms.ChoiceField(
        label="Who should have your report first?",
        choices=Line.choices,
        initial=Line.MINE,
        required=False,
        widget=Radios(
            hints={
                Line.MINE: "The nearest senior officer who is not in your report.",
                Line.NOT_MINE: NOT_MINE,
            }
        ),
        error_messages={"invalid_choice": "Select who should have your report first"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.sent_to == Setting.ONE_TO_ONE:
            self.fields["managers"].label = "Does the other person manage you?"
        self.senders_found = self._found("sender_search")
        self.others_found = self._found("others_search")
        self._offer("sender_person", self.senders_found, [(NONE, "None of these")])
        self._offer("named", self.others_found, [])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self._check_sender(cleaned)
        self._check_others(cleaned)
        self._check_managers(cleaned)
        if cleaned.get("sender_person") == NONE:
            cleaned["sender_person"] = ""
        return cleaned

    def unanswered(self) -> str:
        wrong = self.errors.keys()
        return "sender" if wrong & {"sender_search", "sender_person"} else "others" if wrong & {"others_search", "named"} else ""

    def _check_sender(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("sender_search") or cleaned.get("sender_person"):
            return
        if self.senders_found:
            self.add_error("sender_person", "Select the sender, or “None of these”")
        else:
            self.add_error("sender_search", "Nobody was found. Check the name or number, or clear it and write what you know")

    def _check_others(self, cleaned: dict[str, Any]) -> None:
        if not cleaned.get("others_search"):
            return
        found = {str(person.pk) for person in self.others_found}
        if not found:
            self.add_error("others_search", "Nobody was found. Check the name or number, or clear it and describe them")
        elif found.isdisjoint(cleaned.get("named", [])):
            self.add_error("named", "Select who took part, or clear the search box")

    def _check_managers(self, cleaned: dict[str, Any]) -> None:
        """Whoever names one of their own managers cannot leave the report in that line by answering no."""
        given = {cleaned.get("sender_person"), *cleaned.get("named", [])} - {None, "", NONE}
        if not given or cleaned.get("managers") in (None, YesNoUnsure.YES):
            return
        manager = next((one for one in line_of_command(self.reporter.pk) if str(one.pk) in given), None)
        if manager:
            self.add_error("managers", f"{manager.name} manages you. Select “Yes”")

    def _typed(self, name: str) -> list[str]:
        if self.is_bound:
            return list(cast("MultiValueDict[str, str]", self.data).getlist(name))
        value = self.initial.get(name) or []
        return [value] if isinstance(value, str) else list(value)

    def _found(self, search: str) -> Found:
        """Colleagues the search finds, never the reporter."""
        return Found.among(Person.objects.search("".join(self._typed(search))).exclude(pk=self.reporter.pk))

    def _offer(self, name: str, found: Found, last: list[tuple[str, str]]) -> None:
        chosen = Person.objects.filter(pk__in=_keys(self._typed(name))).exclude(pk=self.reporter.pk).select_related("unit")
        people = {person.pk: person for person in [*chosen, *found]}
        offered = as_choices(people.values())
        cast("forms.ChoiceField", self.fields[name]).choices = offered + (last if offered else [])
        self.fields[name].help_text = found.hint


def _keys(values: Iterable[str]) -> list[uuid.UUID]:
    keys = []
    for value in values:
        try:
            keys.append(uuid.UUID(value))
        except ValueError:
            continue
    return keys
