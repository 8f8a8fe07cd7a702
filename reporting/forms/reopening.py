"""Reopening a closed report."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from portal.ui.fields import CleanTextField, Radios
from reporting.reopening import Level

CHOICES = [(Level.NEXT.value, "The next level above whoever closed it"), (Level.DESK.value, "The professional standards desk")]


class ReopenForm(forms.Form):
    """`above`: whether the ladder has a level between whoever closed the report and the desk."""

    to = forms.ChoiceField(
        label="Who acts on it now?",
        choices=CHOICES,
        widget=Radios(hints={Level.NEXT.value: "Somebody who held it before is passed over"}),
        error_messages={"required": "Select who acts on it now", "invalid_choice": "Select one from the list"},
    )
    reason = CleanTextField(
        label="Why is it reopened?",
        help_text="Whoever holds this report from now on and professional standards can read this. The reporter can't.",
        max_length=2000,
        long=True,
        rows=4,
        error_messages={"required": "Enter why it is reopened"},
    )

    def __init__(self, *args: Any, above: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not above:
            to = cast("forms.ChoiceField", self.fields["to"])
            to.choices, to.initial = CHOICES[1:], Level.DESK.value

    def clean_to(self) -> Level:
        return Level(self.cleaned_data["to"])
