"""What forms have in common that write something nobody can take back."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms


class KeyField(forms.Field):
    """A key that the form brings back. One that no page gave is replaced: nobody typed it, and whoever reads an error could not mend it."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> uuid.UUID:
        try:
            return uuid.UUID(str(value))
        except ValueError:
            return uuid.uuid4()


class OnceForm(forms.Form):
    """`key` is made with the page, so that a button pressed twice writes once."""

    key = KeyField(initial=uuid.uuid4, required=False)
