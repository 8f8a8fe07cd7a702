"""What forms have in common that write something nobody can take back."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError


class KeyField(forms.UUIDField):
    """A key that no page gave is none: nobody typed it, and whoever reads an error could not mend it."""

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except ValidationError:
            return None


class OnceForm(forms.Form):
    """`key` is made with the page, so that a button pressed twice writes once."""

    key = KeyField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
