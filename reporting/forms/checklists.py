"""The admin's form for an item of the checklists."""

from __future__ import annotations

from django import forms

from reporting.choices import Outcome
from reporting.models import ChecklistItem


class ChecklistItemForm(forms.ModelForm[ChecklistItem]):
    outcomes = forms.MultipleChoiceField(
        label="Shown for these outcomes",
        choices=Outcome.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Select at least one outcome"},
    )

    class Meta:
        model = ChecklistItem
        fields = ["key", "text", "outcomes", "order", "in_use", "is_sample"]
        help_texts = {"key": "What the record says when it is ticked; statements of duty show it. It can't be changed later."}
