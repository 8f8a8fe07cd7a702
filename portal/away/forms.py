"""What somebody who goes away fills in: when, who stands in, and which of their duties go to the deputy now."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils import timezone

from portal.people.finding import Found, as_choices
from portal.people.going_away import Stretch, refusal
from portal.people.models import LONGEST_SEARCH, Absence, Person
from portal.ui import words
from portal.ui.fields import Checkboxes, CleanTextField, DateTimeField, Radios
from reporting.models import Duty

NOBODY = "nobody"
LONGEST = timedelta(days=731)


def latest() -> date:
    return timezone.localdate() + LONGEST


class AwayForm(forms.Form):
    """`absence`: the one that is changed. One that has begun keeps its start."""

    starts_at = DateTimeField(label="When do you go?", noun="when you go", not_future=False, latest=latest)
    ends_at = DateTimeField(
        label="When are you back?", noun="when you are back", not_future=False, earliest=timezone.localdate, latest=latest
    )
    deputy_search = CleanTextField(
        label="Find your deputy by name or number",
        max_length=LONGEST_SEARCH,
        required=False,
        help_text="Duties that would come to you go to them. Leave it empty if nobody stands in for you.",
    )
    deputy = forms.ChoiceField(
        label="Who stands in for you?",
        required=False,
        widget=Radios(),
        error_messages={"invalid_choice": "Select somebody from the list"},
    )

    def __init__(self, data: QueryDict | None, *, person: Person, absence: Absence | None = None) -> None:
        self.person, self.absence = person, absence
        super().__init__(data, initial=_as_it_is(absence))
        if absence is not None and absence.starts_at <= timezone.now():
            del self.fields["starts_at"]
        found = Found.among(Person.objects.search(self.data.get("deputy_search", "")).exclude(pk=person.pk))
        self.found = {str(one.pk): one for one in found}
        self.people = {str(one.pk): one for one in self._chosen()} | self.found
        self.fields["deputy"].help_text = found.hint
        offered = as_choices(self.people.values())
        cast("forms.ChoiceField", self.fields["deputy"]).choices = [*offered, (NOBODY, "Nobody")] if offered else []

    def clean_starts_at(self) -> Any:
        if timezone.localdate(self.cleaned_data["starts_at"]) < timezone.localdate():
            raise forms.ValidationError("When you go must be today or later. What came to you before stays with you, so enter today")
        return self.cleaned_data["starts_at"]

    def clean_ends_at(self) -> Any:
        if self.cleaned_data["ends_at"] <= timezone.now():
            raise forms.ValidationError("The time you are back must be in the future")
        return self.cleaned_data["ends_at"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "deputy" not in self.errors and cleaned.get("deputy_search") and cleaned.get("deputy") not in {*self.found, NOBODY}:
            self._choose(cleaned)
        if not self.errors and (why := refusal(by=self.person, person=self.person, stretch=self.stretch, absence=self.absence)):
            self.add_error("ends_at", why)
        return cleaned

    @property
    def stretch(self) -> Stretch:
        """What was said; only of a form whose times are valid."""
        said = self.cleaned_data
        starts_at = said["starts_at"] if "starts_at" in self.fields else cast("Absence", self.absence).starts_at
        return Stretch(starts_at=starts_at, ends_at=said["ends_at"], deputy=self.people.get(said.get("deputy", "")))

    @property
    def looks_back(self) -> bool:
        """Whether it is said only now that an absence began earlier today."""
        return "starts_at" in self.fields and self.stretch.starts_at < timezone.now()

    def typed(self) -> list[tuple[str, str]]:
        """Everything as it was posted, to be posted again from the page that shows it back."""
        named = ("starts_at_", "ends_at_", "deputy_search")
        kept = [(name, str(value)) for name, value in self.data.items() if name.startswith(named)]
        return [*kept, ("deputy", self.cleaned_data.get("deputy", ""))]

    def _choose(self, cleaned: dict[str, Any]) -> None:
        """The one who was found, if there is only one: the next page shows them."""
        if len(self.found) == 1:
            cleaned["deputy"] = next(iter(self.found))
        elif self.found:
            self.add_error("deputy", "Select who stands in for you")
        else:
            self.add_error("deputy_search", "Nobody was found. Check the name or number, or clear it if nobody stands in")

    def _chosen(self) -> list[Person]:
        """Whoever is chosen already, also where a search no longer finds them."""
        key = self.data.get("deputy") if self.is_bound else self.initial.get("deputy")
        try:
            return list(Person.objects.filter(pk=uuid.UUID(key or "")).exclude(pk=self.person.pk).select_related("unit"))
        except ValueError:
            return []


def _as_it_is(absence: Absence | None) -> dict[str, Any]:
    if absence is None:
        return {}
    return {"starts_at": absence.starts_at, "ends_at": absence.ends_at, "deputy": str(absence.deputy_id) if absence.deputy_id else ""}


class PassDutiesForm(forms.Form):
    duties = forms.MultipleChoiceField(
        label="Which duties?",
        widget=Checkboxes(),
        error_messages={"required": "Select at least one duty", "invalid_choice": "Select duties that you hold"},
    )
    reason = CleanTextField(
        label="Why do you pass them on?",
        help_text="The reporters and your deputy can read this.",
        max_length=2000,
        long=True,
        rows=3,
        error_messages={"required": "Enter why you pass them on"},
    )

    def __init__(self, data: QueryDict | None, *, held: Sequence[Duty], absence: Absence) -> None:
        why = f"I am away from {words.moment(absence.starts_at)} to {words.moment(absence.ends_at)}."
        super().__init__(data, initial={"duties": [str(duty.report_id) for duty in held], "reason": why})
        choices = [(str(duty.report_id), f"{duty.report.reference}, act by {words.moment(duty.act_due_at)}") for duty in held]
        cast("forms.MultipleChoiceField", self.fields["duties"]).choices = choices
