"""What professional standards fill in: a finding, and which reports belong together."""

from __future__ import annotations

from django import forms
from django.utils import timezone

from portal.ui.fields import CleanTextField, DateInputField, Radios
from portal.ui.once import OnceForm
from reporting.choices import Recorded


class FindingForm(OnceForm):
    what = forms.ChoiceField(
        label="What was decided?",
        choices=Recorded.choices,
        widget=Radios(),
        error_messages={"required": "Select what was decided", "invalid_choice": "Select one from the list"},
    )
    day = DateInputField(label="When was it decided?", noun="the day it was decided", latest=timezone.localdate)
    words = CleanTextField(
        label="What was decided, in words? (optional)",
        help_text="Professional standards can read this. Other officers who hold or held the duty can't.",
        max_length=5000,
        long=True,
        rows=4,
        required=False,
    )
    shared = forms.BooleanField(
        label="The reporter may read this",
        help_text="They get a notice, and see what was decided, the day and your words.",
        required=False,
    )

    def clean_what(self) -> Recorded:
        return Recorded(self.cleaned_data["what"])


class LinkForm(forms.Form):
    reference = CleanTextField(
        label="Reference of the other report", max_length=40, error_messages={"required": "Enter the reference of the other report"}
    )
    reason = CleanTextField(
        label="Why do they belong together?",
        help_text="Professional standards can read this on both reports.",
        max_length=2000,
        long=True,
        rows=3,
        error_messages={"required": "Enter why they belong together"},
    )


class UnlinkForm(forms.Form):
    reason = CleanTextField(
        label="Why do they not belong together?",
        help_text="Professional standards can read this on both reports.",
        max_length=2000,
        long=True,
        rows=3,
        error_messages={"required": "Enter why they do not belong together"},
    )
