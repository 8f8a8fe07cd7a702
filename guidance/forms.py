"""What officers send about guidance."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms

from portal.ui.fields import CleanTextField

AGAIN = "Nothing was acknowledged. Read the sentence above the button and press it again"


class AcknowledgeForm(forms.Form):
    """One hidden field: the version shown and the hash of its text, as `<id>.<hash>`."""

    shown = forms.RegexField(
        r"\A[0-9]{1,18}\.[0-9a-f]{64}\Z",
        max_length=90,
        strip=False,
        widget=forms.HiddenInput,
        error_messages={"required": AGAIN, "invalid": AGAIN, "max_length": AGAIN},
    )

    def clean_shown(self) -> tuple[int, str]:
        version, _, text_hash = str(self.cleaned_data["shown"]).partition(".")
        return int(version), text_hash


class KeyField(forms.Field):
    """A key that the form brings back. One that does not read as a key is replaced: no question is lost over it."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> uuid.UUID:
        try:
            return uuid.UUID(str(value))
        except ValueError:
            return uuid.uuid4()


class QuestionForm(forms.Form):
    """key: chosen when the form is shown, so that sending it twice asks once."""

    text = CleanTextField(
        label="What do you want to know before you acknowledge it?",
        max_length=2000,
        long=True,
        error_messages={"required": "Enter your question"},
    )
    key = KeyField(required=False)

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **{"initial": {"key": uuid.uuid4()}, **options})


class AnswerForm(forms.Form):
    text = CleanTextField(label="Your answer", max_length=4000, long=True, error_messages={"required": "Enter your answer"})
