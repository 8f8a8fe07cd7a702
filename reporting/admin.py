"""What administrators run of this room: settings, never a report."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from portal.imports.exporting import ExportingAdmin
from portal.people.access import signed_in
from reporting import outside_routes
from reporting.choices import Category, Outcome
from reporting.desk import checklists
from reporting.escalation import policies
from reporting.forms.checklists import ChecklistItemForm
from reporting.forms.policies import PolicyForm, RungFormSet
from reporting.models import ChecklistItem, EscalationPolicy, EscalationRung, OutsideRoute, PromiseTerms
from reporting.promises import terms
from reporting.views.policy_preview import preview


@admin.register(OutsideRoute)
class OutsideRouteAdmin(ExportingAdmin[OutsideRoute]):
    list_display = ["name", "phone", "url", "order", "for_indecent_images"]
    list_editable = ["order"]
    list_filter = ["for_indecent_images"]
    search_fields = ["name", "phone"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    export_columns = {"name": "name", "about": "about", "phone": "phone", "url": "url", "order": "order"}

    def save_model(self, request: HttpRequest, obj: OutsideRoute, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        outside_routes.changed(by=signed_in(request), route=obj)

    def delete_model(self, request: HttpRequest, obj: OutsideRoute) -> None:
        outside_routes.removed(by=signed_in(request), route=obj)
        super().delete_model(request, obj)


@admin.register(ChecklistItem)
class ChecklistItemAdmin(ExportingAdmin[ChecklistItem]):
    """A change counts for outcomes recorded from then on. A decision keeps the words as they stood."""

    form = ChecklistItemForm
    list_display = ["text", "named", "order", "in_use", "is_sample"]
    list_filter = ["in_use", "is_sample"]
    search_fields = ["text", "key"]
    export_columns = {"key": "key", "text": "text", "outcomes": lambda item: ",".join(item.outcomes), "order": "order", "in_use": "in_use"}

    @admin.display(description="outcomes")
    def named(self, item: ChecklistItem) -> str:
        return ", ".join(str(Outcome(kept).label) for kept in item.outcomes)

    def get_readonly_fields(self, request: HttpRequest, obj: ChecklistItem | None = None) -> list[str]:
        return ["key"] if obj else []

    def save_model(self, request: HttpRequest, obj: ChecklistItem, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        checklists.changed(by=signed_in(request), item=obj)

    def delete_model(self, request: HttpRequest, obj: ChecklistItem) -> None:
        checklists.removed(by=signed_in(request), item=obj)
        super().delete_model(request, obj)


class RungInline(admin.TabularInline[EscalationRung, EscalationPolicy]):
    model = EscalationRung
    formset = RungFormSet
    extra = 0
    verbose_name = "level"


@admin.register(EscalationPolicy)
class EscalationPolicyAdmin(ExportingAdmin[EscalationPolicy]):
    """A change counts for reports sent from then on; a report keeps the ladder it was sent with."""

    form = PolicyForm
    change_list_template = "reporting/admin/policies.html"
    change_form_template = "reporting/admin/policy.html"
    list_display = ["name", "in_force", "only_at_risk", "named", "precedence"]
    list_filter = ["in_force", "urgent"]
    search_fields = ["name"]
    readonly_fields = ["in_force"]
    inlines = [RungInline]
    actions = ["export_as_csv", "put_in_force", "take_out_of_force"]
    export_columns = {
        "name": "name",
        "urgent": "urgent",
        "categories": lambda policy: ",".join(policy.categories),
        "precedence": "precedence",
        "in_force": "in_force",
        "levels": policies.in_words,
    }

    def get_urls(self) -> list[URLPattern]:
        preview = path("preview/", self.admin_site.admin_view(self.preview), name="reporting_escalationpolicy_preview")
        return [preview, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return super().changelist_view(request, {**(extra_context or {}), "unsound": policies.unsound()})

    def preview(self, request: HttpRequest) -> HttpResponse:
        """Who would hold a report, and when it would move. It reveals no report."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return preview(request, {**self.admin_site.each_context(request), "opts": self.opts})

    @admin.display(description="at risk only", boolean=True, ordering="urgent")
    def only_at_risk(self, policy: EscalationPolicy) -> bool:
        return policy.urgent

    @admin.display(description="categories")
    def named(self, policy: EscalationPolicy) -> str:
        return ", ".join(Category(kept).label for kept in policy.categories) or "Any"

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_delete_permission(self, request: HttpRequest, obj: EscalationPolicy | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj and obj.in_force)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        policies.changed(by=signed_in(request), policy=form.instance)

    def delete_model(self, request: HttpRequest, obj: EscalationPolicy) -> None:
        policies.removed(by=signed_in(request), policy=obj)

    @admin.action(description="Put in force for reports sent from now on", permissions=["change"])
    def put_in_force(self, request: HttpRequest, queryset: models.QuerySet[EscalationPolicy]) -> None:
        self._each(request, queryset, policies.put_in_force, "is in force")

    @admin.action(description="Take out of force for reports sent from now on", permissions=["change"])
    def take_out_of_force(self, request: HttpRequest, queryset: models.QuerySet[EscalationPolicy]) -> None:
        self._each(request, queryset, policies.take_out_of_force, "is not in force")

    def _each(self, request: HttpRequest, chosen: models.QuerySet[EscalationPolicy], verb: Callable[..., None], outcome: str) -> None:
        for policy in chosen:
            try:
                verb(by=signed_in(request), policy_id=policy.pk)
            except policies.Unusable as error:
                self.message_user(request, f"{policy}: {error}", messages.ERROR)
            else:
                self.message_user(request, f"{policy} {outcome}.")


@admin.register(PromiseTerms)
class PromiseTermsAdmin(ExportingAdmin[PromiseTerms]):
    """There is one row for usual reports and one for those where somebody is at risk. A change counts for reports sent from then on."""

    list_display = ["__str__", "hours_to_hear", "counting", "days_to_dispute"]
    readonly_fields = ["urgent"]
    export_columns = {"urgent": "urgent", "hours_to_hear": "hours_to_hear", "counting": "counting", "days_to_dispute": "days_to_dispute"}

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: PromiseTerms | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: PromiseTerms, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            terms.changed(by=signed_in(request), terms=obj)
