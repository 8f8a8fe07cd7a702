"""A form whose words may name somebody who asked for their name to be kept back."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.http import QueryDict

from portal.people.models import Person
from reporting.confidence.oneself import named_in, seal_of

LEAVE_OUT = "Your name is kept back: leave out who you are, your unit, and what only you could know."


class MayNameYou(forms.Form):
    """A form whose `text` and files go to a holder. `hidden`: the reporter, where their name is kept back."""

    anyway = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)

    def __init__(self, *args: Any, hidden: Person | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.hidden = hidden
        self.names_you: list[str] = []
        if hidden is not None:
            self.fields["text"].help_text = LEAVE_OUT

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if self.hidden is None or "text" not in cleaned:
            return cleaned
        names = [str(upload.name) for upload in cleaned.get("attachments", [])]
        found = named_in([cleaned["text"], *names], self.hidden)
        if found and cleaned.get("anyway") != seal_of(found):
            self._show(found, again=bool(names))
        return cleaned

    def _show(self, found: list[str], *, again: bool) -> None:
        """Refused once; the hidden field then says that they saw it. A browser forgets files, so those are chosen again."""
        self.names_you = found
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("anyway")] = seal_of(found)
        self.data = data
        quoted = ", ".join(f"“{mark}”" for mark in found)
        files = " Attach the files again" if again else ""
        self.add_error("text", f"This names you: {quoted}. Send it anyway, or change it.{files}")
