"""Asking for an erasure, and the second person's decision."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from portal.ui.fields import CleanTextField, Radios
from reporting.choices import Ground

KEPT = "It is kept, sealed, longer than the report: name nobody who is in the report. Professional standards can read it."
GROUND_HINTS: dict[str, str] = {
    Ground.RETENTION: "Nothing requires the force to keep it any longer",
    Ground.ORDER: "A court, a regulator or the law requires it. Say below which, when, and its reference",
}


def why_refused(kept: str) -> CleanTextField:
    """`kept`: what becomes of the reason."""
    said = {"required": "Enter why you refuse"}
    return CleanTextField(label="Why do you refuse?", help_text=kept, max_length=2000, long=True, rows=3, error_messages=said)


class AskToEraseForm(forms.Form):
    """`by_rule`: whether the retention rule may be chosen for this report."""

    ground = forms.ChoiceField(
        label="Under what is it to be erased?",
        choices=Ground.choices,
        widget=Radios(hints=GROUND_HINTS),
        error_messages={
            "required": "Select under what it is to be erased",
            "invalid_choice": "Select a lawful order: the retention rule does not reach this report yet",
        },
    )
    reason = CleanTextField(
        label="Why?",
        help_text=KEPT,
        max_length=2000,
        long=True,
        error_messages={"required": "Enter why it is to be erased"},
    )

    def __init__(self, *args: Any, by_rule: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not by_rule:
            ground = cast("forms.ChoiceField", self.fields["ground"])
            ground.choices = [pair for pair in Ground.choices if pair[0] != Ground.RETENTION]


class EraseForm(forms.Form):
    reference = CleanTextField(
        label="Type the reference of the report",
        help_text="So that no other report is erased by mistake. This cannot be undone.",
        max_length=40,
        error_messages={"required": "Enter the reference of the report"},
    )


class RefuseForm(forms.Form):
    reason = why_refused(KEPT)
