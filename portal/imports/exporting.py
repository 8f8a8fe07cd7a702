"""CSV export for admin lists: what is searched for and filtered, streamed, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin
from django.db import transaction
from django.db.models import Model, QuerySet
from django.http import HttpRequest, StreamingHttpResponse
from django.utils import timezone

from portal.imports.formulas import FORMULA
from portal.ui.lookups import NarrowAdmin

Row = TypeVar("Row", bound=Model)


class Line:
    """Where the csv module writes one line at a time."""

    def write(self, text: str) -> str:
        return text


class ExportingAdmin(NarrowAdmin[Row], Generic[Row]):
    """Adds the action “Export as CSV”. `export_columns` maps a heading to an attribute path or a function of the object."""

    export_columns: ClassVar[Mapping[str, str | Callable[[Any], object]]] = {}
    actions = ["export_as_csv"]

    @admin.action(description="Export as CSV", permissions=["view"])
    def export_as_csv(self, request: HttpRequest, chosen: QuerySet[Row]) -> StreamingHttpResponse:
        rows = chosen.select_related(*(self.list_select_related or [])) if isinstance(self.list_select_related, list) else chosen
        name = f"{self.opts.model_name}-{timezone.localdate():%Y-%m-%d}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"'}
        return StreamingHttpResponse(csv_lines(self.export_columns, rows), content_type="text/csv; charset=utf-8", headers=headers)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Row]) -> None:
        """One by one, since a deletion is a fact, and all or none: Django's view of a list opens no transaction."""
        with transaction.atomic():
            for row in queryset:
                self.delete_model(request, row)


def csv_lines(columns: Mapping[str, str | Callable[[Any], object]], rows: QuerySet[Any]) -> Iterator[str]:
    """A heading and a line for each object, read in pieces."""
    writer = csv.writer(Line())
    yield writer.writerow(columns)
    for row in rows.iterator(chunk_size=2_000):
        yield writer.writerow([spelled(value(row) if callable(value) else _attribute(row, value)) for value in columns.values()])


def spelled(value: object) -> str:
    """A value as a cell. A text that a spreadsheet would run gets an apostrophe before it; a phone number's plus sign is such a text."""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(FORMULA) else text


def _attribute(row: object, path: str) -> object:
    for name in path.split("."):
        row = getattr(row, name)
    return row
