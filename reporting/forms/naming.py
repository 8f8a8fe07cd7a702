"""Asking for a reporter's name to be opened, and the second person's decision."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Any

from django import forms
from django.utils import timezone

from portal.requests.forms import why_refused
from portal.ui import words
from portal.ui.fields import CleanTextField, DateInputField, Radios
from reporting.choices import Withholding
from reporting.confidence.naming import WITHHELD_MOST, Withheld

KEPT = "Sealed with the report. Professional standards can read it. Name nobody in it."
AT_ONCE = "at_once"


class AskForNameForm(forms.Form):
    reason = CleanTextField(
        label="Why do you need the name?",
        help_text=KEPT,
        max_length=2000,
        long=True,
        rows=4,
        error_messages={"required": "Enter why you need the name"},
    )
    withholding = forms.ChoiceField(
        label="When is the reporter told?",
        choices=[(AT_ONCE, "As soon as the name is opened"), *((one.value, f"Later. {one.label}") for one in Withholding)],
        widget=Radios(),
        error_messages={"required": "Select when the reporter is told"},
    )
    until = DateInputField(
        noun="the day on which they are told",
        label="If later, on what day?",
        required=False,
        help_text=f"Within {WITHHELD_MOST.days} days. They are told on that day, whatever happens.",
    )
    withheld = CleanTextField(label="If later, why?", help_text=KEPT, max_length=2000, long=True, rows=3, required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("withholding", AT_ONCE) == AT_ONCE:
            return cleaned
        if "until" in cleaned and not _may_be_told_on(cleaned["until"]):
            self.add_error("until", f"Enter a day in the next {WITHHELD_MOST.days} days")
        if "withheld" in cleaned and not cleaned["withheld"]:
            self.add_error("withheld", "Enter why they are told later")
        return cleaned

    def asked(self) -> Withheld | None:
        """For a valid form: what is withheld, why and until when."""
        given = self.cleaned_data
        if given["withholding"] == AT_ONCE:
            return None
        return Withheld(Withholding(given["withholding"]), given["withheld"], _morning(given["until"]))


class OpenNameForm(forms.Form):
    """`until`: when the reporter would be told, where it is asked that they are told later."""

    LATER = "later"
    told = forms.ChoiceField(
        label="When is the reporter told?", widget=Radios(), error_messages={"required": "Select when the reporter is told"}
    )

    def __init__(self, *args: Any, until: datetime | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if until is None:
            del self.fields["told"]
        else:
            choices = [(AT_ONCE, "At once"), (self.LATER, f"At {words.moment(until)}, as asked")]
            self.fields["told"].choices = choices  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Whether the reporter is told now."""
        cleaned: dict[str, Any] = super().clean() or {}
        return {"tell_now": cleaned.get("told") != self.LATER}


class RefuseNameForm(forms.Form):
    reason = why_refused(KEPT)


def _morning(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(9)))


def _may_be_told_on(day: date | None) -> bool:
    if day is None:
        return False
    at, told_at = timezone.now(), _morning(day)
    return at < told_at <= at + WITHHELD_MOST
