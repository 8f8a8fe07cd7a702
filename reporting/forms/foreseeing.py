"""The admin's question: who would hold a report, and when would it move?"""

from __future__ import annotations

import uuid

from django import forms

from portal.people.finding import Found
from portal.people.models import LONGEST_SEARCH, Person
from portal.ui.fields import CleanTextField
from reporting.choices import Category
from reporting.escalation import policies
from reporting.models import EscalationPolicy


class ForeseeForm(forms.Form):
    """Asked by GET, so that an answer can be opened again. `officers`: whom the search finds, as far as a form shows them."""

    officer = CleanTextField(
        label="Officer",
        max_length=LONGEST_SEARCH,
        help_text="By warrant or pay number, or by name.",
        error_messages={"required": "Enter an officer"},
    )
    policy = forms.ModelChoiceField(
        queryset=EscalationPolicy.objects.order_by("-in_force", "name"),
        required=False,
        label="Policy",
        empty_label="The one in force for such a report",
        help_text="One that is not in force yet can be tried out too.",
    )
    categories = forms.MultipleChoiceField(
        label="Categories", choices=Category.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    at_risk = forms.BooleanField(label="Somebody is at risk now", required=False)
    skip_line = forms.BooleanField(label="Not my line of command: it starts at the professional standards desk", required=False)
    kept_from = CleanTextField(
        label="Kept from the report",
        max_length=400,
        required=False,
        help_text="Warrant or pay numbers, with spaces between them: whoever sent the message, is named or has an interest.",
    )

    officers: Found

    def clean_officer(self) -> str:
        text = str(self.cleaned_data["officer"])
        exact = Person.objects.active().filter(number=text.upper())
        self.officers = Found.among(exact) or Found.among(Person.objects.search(text))
        if not self.officers:
            raise forms.ValidationError("Nobody was found. Check the name or number.")
        return text

    def clean_kept_from(self) -> set[uuid.UUID]:
        numbers = {number.upper() for number in str(self.cleaned_data["kept_from"]).replace(",", " ").split()}
        found: dict[str, uuid.UUID] = dict(Person.objects.filter(number__in=numbers).values_list("number", "pk"))
        unknown = sorted(numbers - found.keys())
        if unknown:
            raise forms.ValidationError(f"Nobody has the number {', '.join(unknown)}.")
        return set(found.values())

    def clean_policy(self) -> EscalationPolicy | None:
        policy: EscalationPolicy | None = self.cleaned_data["policy"]
        if policy is not None:
            problem = policies.problem_with(policies.levels_of(policy))
            if problem:
                raise forms.ValidationError(problem)
        return policy
