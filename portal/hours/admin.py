"""Shift patterns and closed days in the admin. A change counts for reports sent from then on."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.forms import BaseModelFormSet, ModelForm
from django.http import HttpRequest

from portal.hours import changing
from portal.hours.counting import Hours
from portal.hours.forms import ShiftFormSet
from portal.hours.making_default import make_default
from portal.hours.models import ClosedDay, Follower, Pattern, Shift
from portal.hours.wording import in_words
from portal.imports.exporting import ExportingAdmin
from portal.people.access import signed_in

Formset = BaseModelFormSet[Any, Any]


def hours_in_words(pattern: Pattern) -> str:
    return in_words(Hours(tuple(shift.stretch for shift in pattern.shifts.all()), frozenset()), on_closed_days=pattern.on_closed_days)


class ShiftInline(admin.TabularInline[Shift, Pattern]):
    model = Shift
    formset = ShiftFormSet
    extra = 0


class FollowerInline(admin.TabularInline[Follower, Pattern]):
    model = Follower
    extra = 0


@admin.register(Pattern)
class PatternAdmin(ExportingAdmin[Pattern]):
    list_display = ["name", "is_default", "hours"]
    search_fields = ["name"]
    inlines = [ShiftInline, FollowerInline]
    actions = ["export_as_csv", "make_default"]
    export_columns = {"name": "name", "default": "is_default", "hours": hours_in_words}

    @admin.display(description="hours")
    def hours(self, pattern: Pattern) -> str:
        return hours_in_words(pattern)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pattern]:
        return super().get_queryset(request).prefetch_related("shifts")

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_delete_permission(self, request: HttpRequest, obj: Pattern | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.is_default)

    def save_related(
        self, request: HttpRequest, form: ModelForm[Pattern], formsets: list[BaseModelFormSet[Any, Any]], change: bool
    ) -> None:
        super().save_related(request, form, formsets, change)
        changing.pattern_changed(by=signed_in(request), pattern=form.instance)

    def delete_model(self, request: HttpRequest, obj: Pattern) -> None:
        changing.pattern_removed(by=signed_in(request), pattern=obj)
        super().delete_model(request, obj)

    @admin.action(description="Make this the pattern of every unit and post that has no other", permissions=["change"])
    def make_default(self, request: HttpRequest, queryset: QuerySet[Pattern]) -> None:
        chosen = list(queryset)
        if len(chosen) != 1:
            self.message_user(request, "Choose one pattern.", messages.ERROR)
            return
        make_default(by=signed_in(request), pattern_id=chosen[0].pk)
        self.message_user(request, f"{chosen[0]} is the pattern of every unit and post that has no other.")


@admin.register(ClosedDay)
class ClosedDayAdmin(ExportingAdmin[ClosedDay]):
    list_display = ["day", "name"]
    date_hierarchy = "day"
    search_fields = ["name"]
    export_columns = {"day": "day", "name": "name"}

    def save_model(self, request: HttpRequest, obj: ClosedDay, form: ModelForm[ClosedDay], change: bool) -> None:
        super().save_model(request, obj, form, change)
        changing.closed_day_changed(by=signed_in(request), day=obj)

    def delete_model(self, request: HttpRequest, obj: ClosedDay) -> None:
        changing.closed_day_changed(by=signed_in(request), day=obj, removed=True)
        super().delete_model(request, obj)
