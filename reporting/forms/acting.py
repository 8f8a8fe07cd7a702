"""What a holder fills in to record what they did: the outcome with its reasons, and the outcome's checklist."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

from django import forms

from portal.ui.fields import Checkboxes, CleanTextField, Radios
from reporting.choices import Outcome
from reporting.models import ChecklistItem

LONGEST = 5000
OUTCOME_HINTS: dict[str, str] = {
    Outcome.LOCAL: "Say below what you did",
    Outcome.STANDARDS: "Your duty ends and the desk's begins",
    Outcome.CORRUPTION: "Say below whom you told and when",
    Outcome.SAFEGUARDING: "Say below what was done and for whom",
    Outcome.NO_ACTION: "Say below why none is needed",
}
LATE_HINTS: dict[str, str] = {
    **OUTCOME_HINTS,
    Outcome.STANDARDS: "Say below whom you told and when",
}  # the duty has gone: none ends or begins


class ActForm(forms.Form):
    """`late` marks what somebody records after a deadline took the duty from them. `seen`: the newest words of the reporter's till then."""

    outcome = forms.ChoiceField(
        label="What is the outcome?",
        choices=Outcome.choices,
        widget=Radios(hints=OUTCOME_HINTS),
        error_messages={"required": "Select the outcome", "invalid_choice": "Select one of the outcomes in the list"},
    )
    reasons = CleanTextField(
        label="What did you do, and why?",
        help_text="Whoever holds this report after you and professional standards can read this. The reporter can't.",
        max_length=LONGEST,
        long=True,
        rows=6,
        error_messages={"required": "Enter what you did and why"},
    )
    shared = CleanTextField(
        label="What may the reporter read? (optional)",
        help_text="They see the outcome in any case. Leave out anything that would harm an investigation.",
        max_length=2000,
        long=True,
        rows=4,
        required=False,
    )
    late = forms.BooleanField(widget=forms.HiddenInput, required=False)
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=36)

    def __init__(self, *args: Any, at_desk: bool = False, late: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if late:
            cast("Radios", self.fields["outcome"].widget).hints = LATE_HINTS
        if at_desk:
            outcome = cast("forms.ChoiceField", self.fields["outcome"])
            outcome.choices = [pair for pair in Outcome.choices if pair[0] != Outcome.STANDARDS]


class ChecklistForm(forms.Form):
    """The checklist of an outcome. Nothing has to be ticked; a key that is not on the list counts for nothing."""

    checked = forms.MultipleChoiceField(label="Have you done these?", widget=Checkboxes(), required=False)

    def __init__(self, *args: Any, items: Sequence[ChecklistItem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        checked = cast("forms.MultipleChoiceField", self.fields["checked"])
        checked.choices = [(item.key, item.text) for item in items]
        sample = " This list is a sample, to be replaced by the force's own." if any(item.is_sample for item in items) else ""
        checked.help_text = f"Tick what you have done. It is kept with your reasons. You can go on without.{sample}"
