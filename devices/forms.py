from __future__ import annotations

import re

from django import forms

from devices.models import ASSET_TAG, State
from portal.people.models import Person
from portal.ui.fields import CleanTextField

NARROW = {"class": "govuk-input--width-4", "inputmode": "numeric", "autocomplete": "off", "spellcheck": "false"}


class AssetTagForm(forms.Form):
    asset_tag = CleanTextField(
        max_length=60,
        label="Asset tag",
        help_text="On the label on the back, such as MPS-000123.",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocapitalize": "characters", "autocomplete": "off"}),
        error_messages={"required": "Enter the asset tag on the back of the handset"},
    )

    def clean_asset_tag(self) -> str:
        tag = re.sub(r"\s", "", self.cleaned_data["asset_tag"]).upper()
        if not re.fullmatch(ASSET_TAG, tag):
            raise forms.ValidationError("Enter the asset tag as it is on the label, such as MPS-000123")
        return tag


class InHandForm(forms.Form):
    last_four = CleanTextField(
        max_length=30,
        label="Last four digits of its IMEI",
        help_text="Dial *#06# on the handset to see its IMEI, or look in Settings, About phone.",
        widget=forms.TextInput(attrs=NARROW),
        error_messages={"required": "Enter the last four digits of the IMEI"},
    )

    def clean_last_four(self) -> str:
        """Four digits, or the whole IMEI as somebody might paste it."""
        digits: str = re.sub(r"[\s/-]", "", self.cleaned_data["last_four"])
        if not (digits.isascii() and digits.isdigit() and len(digits) in (4, 15)):
            raise forms.ValidationError("Enter four digits, such as 1481")
        return digits[-4:]


class ClaimForm(InHandForm):
    terms = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    is_this = forms.BooleanField(
        label="This is the handset in my hand", error_messages={"required": "Confirm that this is the handset in your hand"}
    )
    accept = forms.BooleanField(label="I accept the terms of issue", error_messages={"required": "Accept the terms of issue to claim it"})

    def clean_terms(self) -> int:
        """The key of the terms that were shown; 0, which no terms have, for anything else."""
        shown: str = self.cleaned_data["terms"]
        return int(shown) if shown.isascii() and shown.isdigit() and len(shown) < 10 else 0


class StockFilterForm(forms.Form):
    q = CleanTextField(max_length=80, label="Asset tag, serial number, end of IMEI, or holder", required=False)
    state = forms.ChoiceField(label="State", required=False, choices=[("", "All"), *State.choices])


class AllotForm(forms.Form):
    number = CleanTextField(
        max_length=20,
        label="Warrant or pay number",
        widget=forms.TextInput(attrs={"class": "govuk-input--width-10", "autocomplete": "off"}),
        error_messages={"required": "Enter the number of the person it is for"},
    )

    def clean_number(self) -> Person:
        person: Person | None = Person.objects.active().filter(number=self.cleaned_data["number"].strip().upper()).first()
        if person is None:
            raise forms.ValidationError("Nobody at work has this number. Check it and enter it again")
        return person


class CloseForm(forms.Form):
    note = CleanTextField(
        max_length=1000,
        long=True,
        rows=3,
        label="What you found",
        error_messages={"required": "Enter what you found and what you did"},
    )
