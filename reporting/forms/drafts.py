"""What the three pages of a draft have in common: they can be filled again from what was typed, right or wrong."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, Self, cast

from django import forms
from django.utils.datastructures import MultiValueDict

from portal.people.models import Person
from portal.ui.fields import HIDDEN, CleanTextField
from reporting.forms.naming_you import LEAVE_OUT


class DraftForm(forms.Form):
    """One page of a draft. `reporter` is whose it is, `files` is how many files the draft has, and `sent_to` is what its first page
    says of a group or one person, if anything."""

    kept_out = frozenset[str]()  # fields that are no answers

    def __init__(self, *args: Any, reporter: Person, files: int = 0, sent_to: str = "", **options: Any) -> None:
        self.reporter, self.files_kept, self.sent_to = reporter, files, sent_to
        super().__init__(*args, **options)

    @classmethod
    def from_typed(cls, typed: Mapping[str, Sequence[str]], *, reporter: Person, files: int = 0, sent_to: str = "") -> Self:
        """The page as it was left, without its errors."""
        data: MultiValueDict[str, str] = MultiValueDict({name: list(values) for name, values in typed.items()})
        fields = cls.base_fields.items()
        initial = {name: field.widget.value_from_datadict(data, MultiValueDict(), name) for name, field in fields if typed}
        return cls(initial=initial, reporter=reporter, files=files, sent_to=sent_to)

    def typed(self) -> dict[str, list[str]]:
        """What the browser sent for this page's fields, without characters that nobody types."""
        sent = cast("MultiValueDict[str, str]", self.data)
        mine = [key for key in sent if self._is_mine(key)]
        return {key: [HIDDEN.sub("", value.replace("\r\n", "\n")) for value in sent.getlist(key)] for key in mine}

    def answers(self) -> dict[str, Any]:
        """What the page means, as JSON can hold it. For a valid form."""
        meant = {name: value for name, value in self.cleaned_data.items() if name not in self.kept_out}
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in meant.items()}

    def keep_name_back(self) -> None:
        """Say beside each field for free text that it should not show who the reporter is."""
        for field in self.fields.values():
            if isinstance(field, CleanTextField) and isinstance(field.widget, forms.Textarea):
                field.help_text = f"{field.help_text} {LEAVE_OUT}".strip()

    def unanswered(self) -> str:
        """The part of the page with a search that the officer has not chosen from yet, if any."""
        return ""

    def keep_errors_of(self, names: Collection[str]) -> None:
        """Forget every other error: the officer is not done with the page yet."""
        for name in [name for name in self.errors if name not in names]:
            del self.errors[name]

    def _is_mine(self, key: str) -> bool:
        return any(key == name or key.startswith(f"{name}_") for name in self.fields)
