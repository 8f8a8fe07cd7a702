"""The admin's form for shift patterns, with what the database cannot say in words."""

from __future__ import annotations

from django.forms import BaseInlineFormSet, ModelForm, ValidationError

from portal.hours.models import Pattern, Shift

LEAST_A_WEEK = 5 * 60


class ShiftFormSet(BaseInlineFormSet[Shift, Pattern, ModelForm[Shift]]):
    """A pattern has hours enough for a deadline to come."""

    def clean(self) -> None:
        super().clean()
        if any(self.errors):
            return
        given = [form.instance for form in self.forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
        if sum(shift.stretch.minutes for shift in given) < LEAST_A_WEEK:
            raise ValidationError("Enter shifts of at least 5 hours a week, so that deadlines come.")
