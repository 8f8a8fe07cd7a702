"""What a holder fills in: a question, what they did, whom to pass to, why they step aside; and the filters of the lists."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.core.cache import cache
from django.utils.safestring import SafeString

from portal.people.finding import Found, as_choices
from portal.people.models import LONGEST_SEARCH, Person, Unit
from portal.ui.fields import CleanTextField, Radios
from portal.ui.once import OnceForm
from reporting.choices import OPEN_STATES, Category, DutyState, ReportState

LONGEST = 5000
STANDARDS_READ = "Professional standards can read this. The reporter can't."


class AskForm(OnceForm):
    question = CleanTextField(
        label="What do you want to ask?",
        help_text="The reporter gets a notice and answers on their report's page. Your deadline to act stays the same.",
        max_length=2000,
        long=True,
        error_messages={"required": "Enter your question"},
    )


class TellForm(OnceForm):
    words = CleanTextField(
        label="What do you want to tell them?",
        help_text="The reporter gets a notice and reads this on their report's page. "
        "Leave out anything that would harm an investigation. Your deadline to act stays the same.",
        max_length=2000,
        long=True,
        error_messages={"required": "Enter what you want to tell the reporter"},
    )


class SearchForm(forms.Form):
    q = CleanTextField(
        label="Name or number of the officer", max_length=LONGEST_SEARCH, error_messages={"required": "Enter a name or a number"}
    )


class PassForm(forms.Form):
    to = forms.ChoiceField(
        label="Who takes the duty?",
        widget=Radios(),
        error_messages={"required": "Select who takes the duty", "invalid_choice": "Select somebody from the list"},
    )
    reason = CleanTextField(
        label="Why do you pass it on?",
        help_text="The reporter and the officer who takes the duty can read this.",
        max_length=2000,
        long=True,
        rows=4,
        error_messages={"required": "Enter why you pass it on"},
    )

    def __init__(self, *args: Any, people: Found, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = cast("forms.ChoiceField", self.fields["to"])
        to.help_text = people.hint
        to.choices = as_choices(people)

    def clean_to(self) -> uuid.UUID:
        return uuid.UUID(self.cleaned_data["to"])


class StepAsideForm(forms.Form):
    reason = CleanTextField(
        label="What is the conflict of interest?",
        help_text=STANDARDS_READ,
        max_length=2000,
        long=True,
        rows=4,
        error_messages={"required": "Enter what the conflict of interest is"},
    )


class NoteForm(OnceForm):
    text = CleanTextField(
        label="What do you want to note?",
        help_text="Whoever holds this report now or later and professional standards can read this. The reporter can't.",
        max_length=LONGEST,
        long=True,
        rows=6,
        error_messages={"required": "Enter your note"},
    )


class OriginalForm(forms.Form):
    why = CleanTextField(
        label="Why do you need the original file?",
        help_text="Your name, the time and this reason are kept in the record.",
        max_length=500,
        error_messages={"required": "Enter why you need the original file"},
    )


class Filters(forms.Form):
    """Filters that come in the address. A value that is not in the list filters nothing."""

    category = forms.ChoiceField(label="Category", choices=[("", "Any"), *Category.choices], required=False)
    unit = forms.ModelChoiceField(label="Unit", queryset=Unit.objects.all(), to_field_name="code", empty_label="Any", required=False)

    def chosen(self) -> dict[str, Any]:
        """What was chosen, without what could not be read."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @classmethod
    def chosen_in(cls, data: Mapping[str, str]) -> dict[str, Any]:
        """The same of an address; where it says nothing there is no form to make."""
        return cls(data).chosen() if any(name in data for name in cls.base_fields) else {}

    @classmethod
    def drawn(cls, data: Mapping[str, Any]) -> SafeString:
        """The fields, kept for a minute for each choice: with every unit in them, drawing them costs as much as the list."""
        chosen = {name: str(data.get(name, ""))[:80] for name in cls.base_fields}
        key = sha256(f"{cls.__name__} {chosen}".encode()).hexdigest()
        kept: str | None = cache.get(f"filters:{key}")
        if kept is None:
            kept = str(cls(data).render())
            cache.set(f"filters:{key}", kept, 60)
        return SafeString(kept)  # what `render` made

    def __str__(self) -> SafeString:
        return self.drawn(self.data)


class DutyFilters(Filters):
    ENDED, OVERDUE = "ended", "overdue"
    state = forms.ChoiceField(
        label="State",
        choices=[
            ("", "All I hold now"),
            (OVERDUE, "Overdue"),
            *[(state.value, state.label) for state in map(DutyState, OPEN_STATES)],
            (ENDED, "Held before"),
        ],
        required=False,
    )
    field_order = ["state", "category", "unit"]


class DeskFilters(DutyFilters):
    """For whoever staffs a post: also whether somebody there works on it already."""

    MINE, UNASSIGNED = "mine", "unassigned"
    desk = forms.ChoiceField(
        label="At your desk", choices=[("", "Any"), (MINE, "Assigned to me"), (UNASSIGNED, "Unassigned")], required=False
    )
    field_order = ["state", "desk", "category", "unit"]


class AssignForm(forms.Form):
    to = forms.ChoiceField(
        label="Who works on it?",
        widget=Radios(),
        error_messages={"required": "Select who works on it", "invalid_choice": "Select somebody from the list"},
    )

    def __init__(self, *args: Any, people: Sequence[Person], me: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        to = cast("forms.ChoiceField", self.fields["to"])
        to.choices = [(str(person.pk), "You" if person == me else person.name_unit_and_number) for person in people]

    def clean_to(self) -> uuid.UUID:
        return uuid.UUID(self.cleaned_data["to"])


class ReportFilters(Filters):
    OVERDUE, MISSED = "overdue", "missed"
    q = CleanTextField(label="Reference", max_length=40, required=False)
    state = forms.ChoiceField(label="State", choices=[("", "Any"), *ReportState.choices], required=False)
    deadline = forms.ChoiceField(
        label="Deadlines", choices=[("", "Any"), (OVERDUE, "Overdue now"), (MISSED, "One was missed")], required=False
    )
    field_order = ["q", "state", "deadline", "category", "unit"]
