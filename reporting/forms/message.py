"""The first page: the message itself."""

from __future__ import annotations

from typing import Any, Self

from django import forms
from django.utils import timezone

from portal.people.models import Person
from portal.ui.fields import Checkboxes, CleanTextField, DateTimeField, Radios, SeveralFilesField
from reporting.choices import Category, Platform, Setting
from reporting.evidence.inspecting import ENDINGS, MOST_FILES
from reporting.forms.drafts import DraftForm

GUESS = "If you are not sure of the time, give your best guess."


class MessageForm(DraftForm):
    kept_out = frozenset({"attachments"})

    platform = forms.ChoiceField(
        label="Which app was it in?",
        choices=Platform.choices,
        widget=Radios(reveals={Platform.OTHER: "platform_name"}),
        error_messages={"required": "Select which app it was in"},
    )
    platform_name = CleanTextField(label="Name of the app", max_length=80, required=False)
    setting = forms.ChoiceField(
        label="Was it sent to a group or to one person?",
        choices=Setting.choices,
        widget=Radios(reveals={Setting.GROUP: "group_name"}),
        error_messages={"required": "Select whether it was sent to a group or to one person"},
    )
    group_name = CleanTextField(label="Name of the group", max_length=200, required=False, help_text="As it is shown in the app.")
    message = CleanTextField(
        label="What did it say?",
        max_length=10_000,
        long=True,
        rows=6,
        required=False,
        help_text="Word for word if you can. Or attach a screenshot or an exported chat below.",
    )
    attachments = SeveralFilesField(
        label="Attach files",
        most=MOST_FILES,
        accept=ENDINGS,
        required=False,
        help_text="Pictures, PDF, text, or the ZIP file of an exported chat. Up to 10, of 25 MB each.",
        error_messages={"empty": "A file is empty. Check that it opens on your device, then attach it again"},
        allow_empty_file=True,
        max_length=None,
    )
    categories = forms.MultipleChoiceField(
        label="What kind of message was it?",
        choices=Category.choices,
        widget=Checkboxes(small=True),
        help_text="Select all that apply.",
        error_messages={"required": "Select what kind of message it was. If you are not sure, select “Something else”"},
    )
    sent = DateTimeField(
        noun="when it was sent",
        label="When was it sent?",
        required=False,
        help_text="Leave it empty if you don't know.",
    )
    saw = DateTimeField(
        noun="when you saw it",
        label="When did you see it?",
        help_text=GUESS,
    )

    @classmethod
    def suggesting_today(cls, reporter: Person) -> Self:
        """The page before there is a draft. The day they saw it is today, until they change it; the page says so."""
        form = cls(initial={"saw": timezone.localdate()}, reporter=reporter)
        form.fields["saw"].help_text = f"This is today’s date: change it if it was another day. {GUESS}"
        return form

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if "message" in cleaned and not cleaned["message"] and not self.files_kept:
            self.add_error("message", "Enter what it said, or attach a file that shows it")
        if cleaned.get("platform") == Platform.OTHER and "platform_name" in cleaned and not cleaned["platform_name"]:
            self.add_error("platform_name", "Enter the name of the app")
        sent, saw = cleaned.get("sent"), cleaned.get("saw")
        if sent and saw and sent > saw:
            self.add_error("saw", "When you saw it must be after it was sent. Check both dates and times")
        return cleaned
