"""What somebody who asked for their name to be kept back typed is shown to them once, where it names them; sent again it is sent."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any, cast

from django import forms
from django.http import QueryDict

from portal.people import marks
from portal.people.models import Person

LEAVE_OUT = "Your name is kept back: leave out who you are, your unit, and what only you could know."


def named_in(texts: Iterable[str], person: Person) -> list[str]:
    """What in these texts names the person, each once."""
    return list(dict.fromkeys(mark for text in texts for mark in marks.found_in(text, person)))


def seal_of(found: Iterable[str]) -> str:
    """Stands for what somebody was shown: with anything else in the text they are shown that too."""
    return sha256("\n".join(found).encode()).hexdigest()[:16]


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
