"""What officers send about guidance."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone

from guidance.drafting import Wording
from guidance.models import Document, State, Version
from portal.people.models import Kind, Rank, Unit
from portal.ui.fields import CleanTextField
from portal.ui.once import OnceForm

AGAIN = "Nothing was acknowledged. Read the sentence above the button and press it again"
LONGEST_TEXT = 100_000
LATEST_DAYS = 366


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


class QuestionForm(OnceForm):
    text = CleanTextField(
        label="What do you want to know before you acknowledge it?",
        max_length=2000,
        long=True,
        error_messages={"required": "Enter your question"},
    )


class AnswerForm(forms.Form):
    text = CleanTextField(label="Your answer", max_length=4000, long=True, error_messages={"required": "Enter your answer"})


class VersionForm(forms.ModelForm[Version]):
    """A draft, in the admin. Audiences are chosen by name; nothing chosen means everybody."""

    units = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, help_text="None means every unit."
    )
    ranks = forms.TypedMultipleChoiceField(
        coerce=int, required=False, choices=Rank.choices, widget=forms.CheckboxSelectMultiple, help_text="None means every rank."
    )
    kinds = forms.MultipleChoiceField(
        required=False, choices=Kind.choices, widget=forms.CheckboxSelectMultiple, help_text="None means officers and staff of every kind."
    )

    class Meta:
        model = Version
        fields = ["document", "summary", "text", "sentence", "acknowledge_by", "units", "ranks", "kinds"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        units = self.fields.get("units")
        if isinstance(units, forms.TypedMultipleChoiceField):
            units.choices = [(unit.pk, str(unit)) for unit in Unit.objects.all()]

    def clean_text(self) -> str:
        text = str(self.cleaned_data["text"])
        if len(text) > LONGEST_TEXT:
            raise forms.ValidationError(f"Shorten the text to {LONGEST_TEXT:,} characters. Readers see it on a phone.")
        return text

    def clean_acknowledge_by(self) -> date:
        day: date = self.cleaned_data["acknowledge_by"]
        if not timezone.localdate() <= day <= timezone.localdate() + timedelta(days=LATEST_DAYS):
            raise forms.ValidationError("Enter a day from today to a year from now.")
        return day

    def clean_document(self) -> Document:
        document: Document = self.cleaned_data["document"]
        if document.versions.exclude(state=State.PUBLISHED).exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("This document has a version that is not published yet. Change that one, or delete it first.")
        return document

    def wording(self) -> Wording:
        given = self.cleaned_data
        return Wording(**{name: given[name] for name in ("text", "summary", "sentence", "acknowledge_by", "units", "ranks", "kinds")})
