"""The label on the back of a handset: its asset tag, and a QR code that opens its claim page."""

from __future__ import annotations

import io
from dataclasses import dataclass

import segno
from django.conf import settings
from django.urls import register_converter, reverse
from django.urls.converters import StringConverter
from django.utils.safestring import SafeString, mark_safe

from devices.models import Handset


class TagConverter(StringConverter):
    """An asset tag in an address, in capitals or not."""

    regex = "[A-Za-z0-9][A-Za-z0-9-]{1,31}"

    def to_python(self, value: str) -> str:
        return value.upper()


register_converter(TagConverter, "asset_tag")


@dataclass(frozen=True, slots=True)
class Label:
    asset_tag: str
    model: str
    address: str
    picture: SafeString


def label(handset: Handset) -> Label:
    """A label whose QR code still reads with a seventh of it scratched away."""
    address = settings.BASE_URL + reverse("devices:claim_tagged", args=[handset.asset_tag])
    drawn = io.BytesIO()
    code = segno.make(address, error="m", micro=False)
    code.save(drawn, kind="svg", scale=4, border=4, xmldecl=False, svgns=False, title=f"QR code of {address}", omitsize=True)
    return Label(handset.asset_tag, handset.model, address, mark_safe(drawn.getvalue().decode()))  # noqa: S308 (made here, of checked parts)
