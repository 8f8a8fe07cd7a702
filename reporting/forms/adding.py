"""Adding to a report that was sent, and answering a question about it."""

from __future__ import annotations

from django import forms

from portal.ui.fields import CleanTextField, SeveralFilesField
from portal.ui.once import OnceForm
from reporting.evidence.inspecting import ENDINGS, MOST_FILES
from reporting.forms.naming_you import MayNameYou


class AddForm(OnceForm, MayNameYou):
    text = CleanTextField(
        label="What do you want to add?",
        max_length=5000,
        long=True,
        rows=4,
        error_messages={"required": "Enter what you want to add"},
    )
    attachments = SeveralFilesField(
        label="Attach files", most=MOST_FILES, accept=ENDINGS, required=False, allow_empty_file=True, max_length=None
    )  # fmt: skip


class AnswerForm(MayNameYou):
    text = CleanTextField(label="Your answer", max_length=5000, long=True, rows=4, error_messages={"required": "Enter your answer"})


class DisputeForm(forms.Form):
    reason = CleanTextField(
        label="Why do you dispute what was done?",
        help_text="Whoever holds the duty next and professional standards can read this.",
        max_length=5000,
        long=True,
        rows=6,
        error_messages={"required": "Enter why you dispute what was done"},
    )
