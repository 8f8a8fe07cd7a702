"""The admin's forms for escalation policies, with what the database cannot say in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.forms import BaseInlineFormSet, ModelForm, ValidationError

from reporting.choices import Category
from reporting.escalation import policies
from reporting.models import EscalationPolicy, EscalationRung


class PolicyForm(ModelForm[EscalationPolicy]):
    """Which reports a policy is for. One that is in force stays in force, so it is not made unclear which policy a report has."""

    categories = forms.MultipleChoiceField(
        choices=Category.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text="Choose none and the policy is for every category that no other policy names.",
    )

    class Meta:
        model = EscalationPolicy
        fields = ["name", "urgent", "categories", "precedence"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and self.instance.in_force:
            self._stays_clear(cleaned)
        return cleaned

    def _stays_clear(self, cleaned: dict[str, Any]) -> None:
        fields = {name: cleaned[name] for name in ("urgent", "categories", "precedence")}
        changed = EscalationPolicy(pk=self.instance.pk, in_force=True, name=cleaned["name"], **fields)
        before = EscalationPolicy.objects.get(pk=self.instance.pk)
        if policies.needed_for_all(before) and not policies.needed_for_all(changed):
            raise ValidationError("Every report needs a ladder. Put another policy in force for any category before you narrow this one.")
        twin = next(iter(policies.same_kind(changed)), None)
        problem = f"“{twin}” is in force for the same reports." if twin else policies.clash_of(changed)
        if problem:
            raise ValidationError(problem)


class RungFormSet(BaseInlineFormSet[EscalationRung, EscalationPolicy, ModelForm[EscalationRung]]):
    """Levels climb in rank, and the last one, alone, is a post."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        given = [form.cleaned_data for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        problem = policies.problem_with([(row["level"], row.get("least_rank"), row.get("post")) for row in given])
        if problem:
            raise ValidationError(problem)
