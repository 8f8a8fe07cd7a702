"""Stock, app rules, terms and plan in the admin. Nobody moves a handset here: states change by stores' steps and officers' claims."""

from __future__ import annotations

from typing import Generic, TypeVar

from django.contrib import admin
from django.db.models import Model, QuerySet
from django.forms import ModelForm, ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from stdnum import imei
from stdnum.exceptions import ValidationError as NotAnImei

from devices import changing, stock_file
from devices.importing import import_handsets
from devices.models import AppRule, Custody, Discrepancy, Handset, RolloutPlan, Terms
from portal.erasure.erased import sentence
from portal.imports.admin import ImportingAdmin
from portal.imports.exporting import ExportingAdmin
from portal.people.access import signed_in
from portal.vault.sealing import is_erased

Row = TypeVar("Row", bound=Model)


class RecordedAdmin(ExportingAdmin[Row], Generic[Row]):
    """Every save and deletion is a fact in the record."""

    def save_model(self, request: HttpRequest, obj: Row, form: ModelForm[Row], change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data or not change:
            changing.changed(by=signed_in(request), what=obj, fields=form.changed_data, added=not change)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Row) -> None:
        changing.removed(by=signed_in(request), what=obj)  # type: ignore[arg-type]
        super().delete_model(request, obj)


class ReadOnlyAdmin(ExportingAdmin[Row], Generic[Row]):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


class HandsetForm(ModelForm[Handset]):
    class Meta:
        model = Handset
        fields = ["asset_tag", "imei", "serial", "model", "phone_number", "mdm_id", "condition"]

    def clean_imei(self) -> str:
        try:
            number = imei.validate(self.cleaned_data["imei"])
        except NotAnImei:
            raise ValidationError("Enter the 15 digits of the IMEI; the last is a check digit and does not fit") from None
        if len(number) != 15:
            raise ValidationError("Enter all 15 digits of the IMEI")
        return str(number)

    def clean_asset_tag(self) -> str:
        return str(self.cleaned_data["asset_tag"]).upper()


@admin.register(Handset)
class HandsetAdmin(ImportingAdmin[Handset], RecordedAdmin[Handset]):
    form = HandsetForm
    list_display = ["asset_tag", "model", "state", "holder", "allotted_to", "imei", "serial"]
    list_filter = ["state", "model"]
    search_fields = ["=asset_tag", "^asset_tag", "imei", "^serial", "=allotted_to__number", "^allotted_to__last_name"]
    list_select_related = ["allotted_to"]
    list_per_page = 50
    show_full_result_count = False
    readonly_fields = ["state", "holder", "allotted_to", "added_at"]
    import_what = "handsets"
    import_columns = stock_file.COLUMNS
    import_may_leave = False
    importer = staticmethod(import_handsets)
    export_columns = {
        "asset_tag": "asset_tag",
        "imei": "imei",
        "serial": "serial",
        "model": "model",
        "phone_number": "phone_number",
        "mdm_id": "mdm_id",
        "allotted_to_warrant_number": lambda handset: handset.allotted_to.number if handset.allotted_to else "",
        "state": "state",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Handset]:
        return super().get_queryset(request).with_holder()  # type: ignore[attr-defined,no-any-return]

    @admin.display(description="holder")
    def holder(self, handset: Handset) -> str:
        held: list[Custody] = getattr(handset, "open_custodies", [])
        return held[0].holder.name_and_unit if held else "–"

    def get_readonly_fields(self, request: HttpRequest, obj: Handset | None = None) -> list[str]:
        """The tag is on the label and in the address of it, so it stays once it is there. One that is added has no state or holder yet."""
        return [*self.readonly_fields, "asset_tag"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Handset | None = None) -> bool:
        return False  # retired, never deleted


@admin.register(Custody)
class CustodyAdmin(ReadOnlyAdmin[Custody]):
    list_display = ["handset", "holder", "claimed_at", "ended_at", "ended_how"]
    list_filter = ["ended_how", "claimed_at", "holder__unit"]
    search_fields = ["=handset__asset_tag", "=holder__number", "^holder__last_name"]
    list_select_related = ["handset", "holder"]
    date_hierarchy = "claimed_at"
    show_full_result_count = False
    export_columns = {
        "asset_tag": "handset.asset_tag",
        "warrant_number": "holder.number",
        "claimed_at": "claimed_at",
        "ended_at": "ended_at",
        "ended_how": "ended_how",
        "terms": "terms_id",
    }


@admin.register(Discrepancy)
class DiscrepancyAdmin(ReadOnlyAdmin[Discrepancy]):
    list_display = ["handset", "what", "reported_by", "opened_at", "closed_at", "closed_by"]
    list_filter = ["what", "opened_at"]
    search_fields = ["=handset__asset_tag", "=reported_by__number"]
    list_select_related = ["handset", "reported_by", "closed_by"]
    exclude = ["container"]
    readonly_fields = ["note"]
    export_columns = {
        "asset_tag": "handset.asset_tag",
        "what": "what",
        "reported_by": "reported_by.number",
        "opened_at": "opened_at",
        "closed_at": "closed_at",
    }

    @admin.display(description="what stores found")
    def note(self, discrepancy: Discrepancy) -> str:
        """Never the words: that they are sealed, or were erased, and the page on which two persons erase them."""
        if discrepancy.container is None:
            return "Nothing yet"
        erased = is_erased(discrepancy.container)
        said = sentence(discrepancy.container) if erased else "Sealed. Stores can read it."
        address = reverse("erasure:one", args=["discrepancy", discrepancy.pk])
        return format_html('{} <a href="{}">{}</a>', said, address, "Who erased it" if erased else "Erase it")


@admin.register(AppRule)
class AppRuleAdmin(RecordedAdmin[AppRule]):
    list_display = ["name", "access", "reason"]
    list_filter = ["access"]
    search_fields = ["name", "platform_id"]
    export_columns = {"name": "name", "platform_id": "platform_id", "access": "access", "reason": "reason"}


@admin.register(Terms)
class TermsAdmin(RecordedAdmin[Terms]):
    """New terms are added; those that somebody accepted can only be read."""

    list_display = ["__str__", "in_force_at"]
    export_columns = {"number": "pk", "in_force_at": "in_force_at", "text": "text"}

    def has_change_permission(self, request: HttpRequest, obj: Terms | None = None) -> bool:
        accepted = obj is not None and Custody.objects.filter(terms=obj).exists()
        return not accepted and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Terms | None = None) -> bool:
        return False


@admin.register(RolloutPlan)
class RolloutPlanAdmin(RecordedAdmin[RolloutPlan]):
    list_display = ["unit", "week_starting", "planned"]
    list_filter = ["unit"]
    list_select_related = ["unit"]
    date_hierarchy = "week_starting"
    export_columns = {"unit_code": "unit.code", "week_starting": "week_starting", "planned": "planned"}
