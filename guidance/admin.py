"""Authors write, approvers publish, administrators look after documents: by role, not by Django's model permissions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import admin, messages
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path

from guidance import authoring
from guidance.drafting import discard, draft, revise
from guidance.forms import VersionForm
from guidance.models import Acknowledgement, Document, State, Version
from guidance.publishing import withdraw
from portal.imports.exporting import ExportingAdmin
from portal.people.access import signed_in
from portal.people.models import Role

WRITERS = (Role.GUIDANCE_AUTHOR, Role.ADMINISTRATOR)
READERS = (*WRITERS, Role.GUIDANCE_APPROVER)


class ByRole:
    """Django admin's permission questions, answered by the person's roles."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return signed_in(request).has_role(*READERS)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return signed_in(request).has_role(*WRITERS)

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return signed_in(request).has_role(*WRITERS)

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False


def _is_draft(version: object | None) -> bool:
    return isinstance(version, Version) and version.state == State.DRAFT


def _finds_people(request: HttpRequest) -> bool:
    return signed_in(request).has_role(Role.ADMINISTRATOR)


@admin.register(Document)
class DocumentAdmin(ByRole, ExportingAdmin[Document]):
    list_display = ["title", "slug", "owner", "versions_published", "withdrawn_at"]
    search_fields = ["title", "slug"]
    list_filter = [("withdrawn_at", admin.EmptyFieldListFilter)]
    list_select_related = ["owner"]
    autocomplete_fields = ["owner"]
    actions = ["export_as_csv", "withdraw_documents"]
    export_columns = {
        "title": "title",
        "address": "slug",
        "owner": lambda document: document.owner.number if document.owner else "",
        "versions published": "published",
        "withdrawn at": "withdrawn_at",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        return super().get_queryset(request).annotate(published=Count("versions", filter=authoring.PUBLISHED))

    @admin.display(description="versions published", ordering="published")
    def versions_published(self, document: Any) -> int:
        return int(document.published)

    def get_readonly_fields(self, request: HttpRequest, obj: Document | None = None) -> list[str]:
        """What readers acknowledged keeps its address and its title."""
        kept = ["slug", "title"] if obj is not None and obj.versions.published().exists() else []
        return kept if _finds_people(request) else [*kept, "owned_by"]

    def get_fields(self, request: HttpRequest, obj: Document | None = None) -> list[Any]:
        """Who owns a document is chosen among people, whom administrators alone can look up; others read it."""
        return ["slug", "title", "owner" if _finds_people(request) else "owned_by"]

    @admin.display(description="owner")
    def owned_by(self, document: Document) -> str:
        return str(document.owner or "")

    def get_prepopulated_fields(self, request: HttpRequest, obj: Document | None = None) -> dict[str, Sequence[str]]:
        return {} if obj else {"slug": ["title"]}

    @admin.action(description="Withdraw: stop showing and asking for these documents", permissions=["change"])
    def withdraw_documents(self, request: HttpRequest, chosen: QuerySet[Document]) -> None:
        for document in chosen:
            withdraw(document_id=document.pk, by=signed_in(request))
        self.message_user(request, "The documents were withdrawn. Their versions and acknowledgements stay.", messages.SUCCESS)


@admin.register(Version)
class VersionAdmin(ByRole, ExportingAdmin[Version]):
    form = VersionForm
    change_form_template = "guidance/admin/change_form.html"
    list_display = ["document", "number", "state", "acknowledge_by", "author", "approver", "published_at", "acknowledged"]
    list_filter = ["state", "document"]
    search_fields = ["document__title", "summary"]
    list_select_related = ["document", "author", "approver"]
    export_columns = {
        "document": "document.title",
        "version": "number",
        "state": lambda version: version.get_state_display(),
        "acknowledge by": "acknowledge_by",
        "author": "author.number",
        "approver": lambda version: version.approver.number if version.approver else "",
        "published at": "published_at",
        "text hash": "text_hash",
        "acknowledged by": "done",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Version]:
        return super().get_queryset(request).defer("html", "contents").annotate(done=Count("acknowledgements"))

    @admin.display(description="acknowledged by", ordering="done")
    def acknowledged(self, version: Any) -> int:
        return int(version.done)

    def get_readonly_fields(self, request: HttpRequest, obj: Version | None = None) -> list[str]:
        return ["document"] if obj else []

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return super().has_change_permission(request) and (obj is None or _is_draft(obj))

    def has_delete_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return super().has_change_permission(request) and _is_draft(obj)

    def save_model(self, request: HttpRequest, obj: Version, form: VersionForm, change: bool) -> None:
        author, wording = signed_in(request), form.wording()
        if change:
            revise(version_id=obj.pk, author=author, wording=wording)
        else:
            drafted = draft(document_id=obj.document_id, author=author, wording=wording)
            obj.pk, obj.number = drafted.pk, drafted.number  # Django names it by them, in the message and in its log

    def delete_model(self, request: HttpRequest, obj: Version) -> None:
        discard(version_id=obj.pk)

    def get_urls(self) -> list[URLPattern]:
        steps = [
            path(f"<int:version_id>/{name}/", self.admin_site.admin_view(view), name=f"guidance_version_{name}")
            for name, view in authoring.PAGES.items()
        ]
        return [*steps, *super().get_urls()]

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **options: Any) -> HttpResponse:
        version = options.get("obj") or context.get("original")
        return super().render_change_form(request, {**context, "steps": authoring.steps_for(signed_in(request), version)}, *args, **options)


@admin.register(Acknowledgement)
class AcknowledgementAdmin(ByRole, ExportingAdmin[Acknowledgement]):
    """Who acknowledged what, to look up. Nobody adds or changes a row here."""

    list_display = ["person", "version", "at"]
    search_fields = ["person__number", "person__last_name"]
    list_filter = ["version__document"]
    list_select_related = ["person", "version__document"]
    date_hierarchy = "at"
    show_full_result_count = False
    export_columns = {
        "number": "person.number",
        "name": "person.plain_name",
        "document": "version.document.title",
        "version": "version.number",
        "acknowledged at": "at",
        "text hash": "text_hash",
    }

    def get_queryset(self, request: HttpRequest) -> QuerySet[Acknowledgement]:
        return super().get_queryset(request).defer("version__text", "version__html", "version__contents")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: object | None = None) -> bool:
        return False
