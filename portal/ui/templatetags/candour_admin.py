"""What the admin's lists need beyond Django's own: the name of its column in every cell, for a phone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

register = template.Library()
CELL = re.compile(r"^<t[dh](?= class=\"field-)")


@register.filter
def with_columns(cells: Sequence[SafeString], headers: Sequence[Mapping[str, str]]) -> Iterator[SafeString]:
    """The cells of a row as the admin draws them, each with its column's name as `data-label`; the box that selects the row has none."""
    for cell, header in zip(cells, headers, strict=True):
        opening = CELL.match(cell)
        yield _labelled(cell, opening.end(), str(header["text"])) if opening else cell


def _labelled(cell: SafeString, at: int, column: str) -> SafeString:
    label = format_html(' data-label="{}"', capfirst(column))
    return mark_safe(cell[:at] + label + cell[at:])  # noqa: S308 - the cell was drawn by Django, the label is escaped
