"""Asking for an erasure, and refusing what somebody asked for."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from portal.requests.choices import Ground
from portal.ui.fields import CleanTextField, Radios

GROUND_HINTS: dict[str, str] = {
    Ground.RETENTION: "Nothing requires the force to keep it any longer",
    Ground.ORDER: "A court, a regulator or the law requires it. Say below which, when, and its reference",
}


def why_refused(kept: str) -> CleanTextField:
    """`kept`: what becomes of the reason."""
    said = {"required": "Enter why you refuse"}
    return CleanTextField(label="Why do you refuse?", help_text=kept, max_length=2000, long=True, rows=3, error_messages=said)


class AskToEraseForm(forms.Form):
    """`by_rule`: whether the retention rule may be chosen. `what`: what would be erased. `kept`: what becomes of the reason."""

    ground = forms.ChoiceField(
        label="Under what is it to be erased?",
        choices=Ground.choices,
        widget=Radios(hints=GROUND_HINTS),
        error_messages={"required": "Select under what it is to be erased"},
    )
    reason = CleanTextField(label="Why?", max_length=2000, long=True, error_messages={"required": "Enter why it is to be erased"})

    def __init__(self, *args: Any, by_rule: bool, what: str, kept: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ground = cast("forms.ChoiceField", self.fields["ground"])
        ground.error_messages["invalid_choice"] = f"Select a lawful order: the retention rule does not reach this {what} yet"
        self.fields["reason"].help_text = kept
        if not by_rule:
            ground.choices = [pair for pair in Ground.choices if pair[0] != Ground.RETENTION]


class RefuseForm(forms.Form):
    """`kept`: what becomes of the reason."""

    def __init__(self, *args: Any, kept: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reason"] = why_refused(kept)
