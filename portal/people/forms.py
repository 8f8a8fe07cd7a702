"""The admin's forms for people and posts, with what the database cannot say in words."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models.functions import Now
from django.forms.models import BaseInlineFormSet

from portal.people.going_away import Stretch, refusal
from portal.people.line import line_of_command
from portal.people.models import Absence, Person, Post, PostMember, Rank


class PersonForm(forms.ModelForm[Person]):
    """Nobody makes themselves somebody's line manager: that is who is given the next duty, and with it a report."""

    by: Person

    class Meta:
        model = Person
        fields = [
            "number", "kind", "rank", "first_name", "last_name", "email", "unit", "line_manager", "job_title", "is_active", "is_staff",
            "groups",
        ]  # fmt: skip
        labels = {"groups": "Roles"}
        help_texts = {"groups": ""}
        widgets = {"groups": forms.CheckboxSelectMultiple}

    def clean_email(self) -> str:
        return str(self.cleaned_data["email"]).lower()

    def clean_number(self) -> str:
        return str(self.cleaned_data["number"]).upper()

    def clean_line_manager(self) -> Person | None:
        manager: Person | None = self.cleaned_data["line_manager"]
        if manager == self.by and "line_manager" in self.changed_data:
            raise forms.ValidationError("You cannot make yourself a line manager. Ask another administrator.")
        if manager is None or self.instance._state.adding:
            return manager
        if manager == self.instance or self.instance in line_of_command(manager.pk):
            raise forms.ValidationError("The line of command would go round. Choose somebody who is not under this person.")
        return manager

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        kind, rank = cleaned.get("kind"), cleaned.get("rank")
        if kind in ("officer", "special") and rank == Rank.NONE:
            self.add_error("rank", "Select the rank of this officer.")
        if kind in ("staff", "pcso") and rank:
            self.add_error("rank", "Police staff and PCSOs have no rank. Select “No rank”.")
        return cleaned


class PostMembers(BaseInlineFormSet[PostMember, Post, forms.ModelForm[PostMember]]):
    """Who staffs a post. Nobody puts themselves there: a desk opens reports."""

    by: Person

    def clean(self) -> None:
        super().clean()
        for form in self.forms:
            if form.has_changed() and form.cleaned_data.get("person") == self.by and not form.cleaned_data.get("DELETE"):
                raise forms.ValidationError("You cannot put yourself at a desk. Ask another administrator.")

    def save_existing(self, form: forms.ModelForm[PostMember], obj: PostMember, commit: bool = True) -> PostMember:
        """Somebody else in the same row begins there now."""
        if "person" in form.changed_data:
            form.instance.since = Now()
        return super().save_existing(form, obj, commit)


class RotaOfMembers(BaseInlineFormSet[Any, Post, forms.ModelForm[Any]]):
    """Only members of a post stand on its rota: others could not open what comes to it."""

    def clean(self) -> None:
        super().clean()
        members = set(self.instance.members.values_list("pk", flat=True)) if self.instance.pk else set()
        for form in self.forms:
            person = form.cleaned_data.get("person") if hasattr(form, "cleaned_data") else None
            if person is not None and person.pk not in members and not form.cleaned_data.get("DELETE"):
                form.add_error("person", "This person is not a member. Make them a member first, and save.")


class AbsenceForm(forms.ModelForm[Absence]):
    """Who is away, and who stands in. Nobody makes themselves a deputy here: a deputy is given duties, and with them reports."""

    by: Person

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors:
            stretch = Stretch(**{name: cleaned[name] for name in ("starts_at", "ends_at", "deputy")})
            changed = None if self.instance._state.adding else Absence.objects.select_related("person").get(pk=self.instance.pk)
            person = changed.person if changed else cleaned["person"]
            if why := refusal(by=self.by, person=person, stretch=stretch, absence=changed):
                self.add_error(_beside(person, stretch), why)
        return cleaned


def _beside(person: Person, stretch: Stretch) -> str | None:
    """The field that is wrong, where the database says so too: of a field with an error Django does not name the constraint as well."""
    if stretch.ends_at <= stretch.starts_at:
        return "ends_at"
    return "deputy" if stretch.deputy == person else None
