"""The second person's decision on an erasure. What is asked, and a refusal, are `portal.requests.forms`."""

from __future__ import annotations

from django import forms

from portal.ui.fields import CleanTextField

KEPT = "It is kept, sealed, longer than the report: name nobody who is in the report. Professional standards can read it."


class EraseForm(forms.Form):
    reference = CleanTextField(
        label="Type the reference of the report",
        help_text="So that no other report is erased by mistake. This cannot be undone.",
        max_length=40,
        error_messages={"required": "Enter the reference of the report"},
    )
