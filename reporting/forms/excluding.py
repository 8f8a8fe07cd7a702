"""What professional standards fill in to exclude somebody from a report, or to let them back."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from portal.people.finding import Found, as_choices
from portal.people.models import Person
from portal.ui.fields import CleanTextField, Radios
from reporting.choices import Conflicted

KEPT = "Sealed with the report. Professional standards can read it, and nobody else."


class ExcludeForm(forms.Form):
    """`people`: whom a search found."""

    whom = forms.ChoiceField(
        label="Who must not know of this report?",
        widget=Radios(),
        error_messages={
            "required": "Select who must not know of this report",
            "invalid_choice": "Select somebody from the list. Whoever is excluded already is not in it",
        },
    )
    why = forms.ChoiceField(
        label="What did you learn?",
        choices=Conflicted.choices,
        widget=Radios(),
        error_messages={"required": "Select what you learned", "invalid_choice": "Select one from the list"},
    )
    reason = CleanTextField(
        label="How do you know?",
        help_text=KEPT,
        max_length=2000,
        long=True,
        rows=4,
        error_messages={"required": "Enter how you know"},
    )

    def __init__(self, *args: Any, people: Found, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = {str(person.pk): person for person in people}
        whom = cast("forms.ChoiceField", self.fields["whom"])
        whom.help_text = people.hint
        whom.choices = as_choices(people)

    def clean_whom(self) -> Person:
        return self.people[self.cleaned_data["whom"]]

    def clean_why(self) -> Conflicted:
        return Conflicted(self.cleaned_data["why"])


class ReadmitForm(forms.Form):
    reason = CleanTextField(
        label="Why was it a mistake?",
        help_text=KEPT,
        max_length=2000,
        long=True,
        rows=3,
        error_messages={"required": "Enter why it was a mistake"},
    )
