"""Uploading a file, and confirming what importing it would do."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile

from portal.imports.outcome import Outcome

LARGEST = 25 * 1024 * 1024


class UploadForm(forms.Form):
    file = forms.FileField(
        label="CSV file",
        error_messages={"required": "Choose a CSV file.", "empty": "This file is empty. Export it again.", "invalid": "Choose a CSV file."},
    )

    def clean_file(self) -> UploadedFile[Any]:
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST:
            raise forms.ValidationError(f"Choose a file of {LARGEST // 1024**2} MB or less.")
        return file


class ConfirmForm(forms.Form):
    """Asks only what this file needs: to leave out bad lines, to deactivate many people."""

    partial = forms.BooleanField(label="Import the good lines and leave out the others", required=False)
    allow_leavers = forms.BooleanField(label="Deactivate all these people", required=False)

    def __init__(self, *args: Any, outcome: Outcome, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.outcome = outcome
        if not outcome.counts["faults"]:
            del self.fields["partial"]
        if not outcome.stopped:
            del self.fields["allow_leavers"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "partial" in self.fields and not cleaned.get("partial"):
            self.add_error("partial", "Tick this to go on, or mend the file and upload it again.")
        if "allow_leavers" in self.fields and not cleaned.get("allow_leavers"):
            self.add_error("allow_leavers", "Tick this to go on, or check that the file is whole.")
        return cleaned
