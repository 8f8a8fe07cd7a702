"""What forms have in common that write something nobody can take back."""

from __future__ import annotations

import uuid

from django import forms


class OnceForm(forms.Form):
    """`key` is made with the page, so that a button pressed twice writes once."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4, required=False)
