"""Which figures to show, as the address says."""

from __future__ import annotations

from datetime import date

from django import forms
from django.utils import timezone

from reporting.choices import Grouping
from reporting.forms.duties import Filters

MONTHS_BACK = 36


def months() -> list[tuple[str, str]]:
    """The latest months, this one first, as choices."""
    today = timezone.localdate()
    back = [divmod(today.year * 12 + today.month - 1 - ago, 12) for ago in range(MONTHS_BACK)]
    return [("", "Any"), *((f"{year}-{month + 1:02}", f"{date(year, month + 1, 1):%B %Y}") for year, month in back)]


class FigureFilters(Filters):
    """For whoever sees every unit."""

    by = forms.ChoiceField(label="Show by", choices=Grouping.choices, required=False)
    first = forms.ChoiceField(label="From", choices=months, required=False)
    last = forms.ChoiceField(label="To", choices=months, required=False)
    field_order = ["by", "unit", "category", "first", "last"]

    def clean_first(self) -> date | None:
        return _first_day(self.cleaned_data["first"])

    def clean_last(self) -> date | None:
        return _first_day(self.cleaned_data["last"])


class OwnUnitFilters(FigureFilters):
    """For a manager, who sees one."""

    unit = None  # type: ignore[assignment]
    by = forms.ChoiceField(
        label="Show by", choices=[choice for choice in Grouping.choices if choice[0] != Grouping.UNIT][::-1], required=False
    )
    field_order = ["by", "category", "first", "last"]


def _first_day(month: str) -> date | None:
    return date.fromisoformat(f"{month}-01") if month else None
