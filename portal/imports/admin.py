"""Importing in the admin: upload, preview, confirm. A model's admin says which importer and which columns."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable, Sequence
from typing import Any, ClassVar, Generic, TypeVar

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.forms import Form
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.imports.forms import ConfirmForm, UploadForm
from portal.imports.models import Upload
from portal.imports.outcome import ImportStopped, Outcome
from portal.imports.uploading import discard, keep, opened
from portal.people.access import signed_in

Row = TypeVar("Row", bound=Model)


class ImportingAdmin(admin.ModelAdmin[Row], Generic[Row]):
    """Adds “Import” to a list. The importer takes file, actor, dry_run, partial, report, and allow_leavers where people may leave."""

    import_what: ClassVar[str]
    import_columns: ClassVar[Sequence[str]]
    importer: ClassVar[Callable[..., Outcome]]
    import_may_leave = True
    change_list_template = "admin/imports/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        steps: list[tuple[str, str, Callable[..., HttpResponseBase]]] = [
            ("upload", "import/", self.upload_view),
            ("preview", "import/<uuid:key>/", self.preview_view),
            ("report", "import/<uuid:key>/report.csv", self.report_view),
        ]
        own = [path(route, self.admin_site.admin_view(view), name=self.import_name(step)) for step, route, view in steps]
        return own + super().get_urls()

    def import_name(self, step: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_import_{step}"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        link = reverse(f"admin:{self.import_name('upload')}") if self.may_import(request) else ""
        return super().changelist_view(request, {**(extra_context or {}), "import_link": link})

    def may_import(self, request: HttpRequest) -> bool:
        return self.has_add_permission(request) and self.has_change_permission(request)

    def upload_view(self, request: HttpRequest) -> HttpResponse:
        return require_http_methods(["GET", "HEAD", "POST"])(self._upload)(request)

    def preview_view(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        return require_http_methods(["GET", "HEAD", "POST"])(self._preview)(request, key)

    def report_view(self, request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
        return require_safe(self._report)(request, key)

    def _upload(self, request: HttpRequest) -> HttpResponse:
        self._check(request)
        form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
        if request.method == "POST" and form.is_valid():
            upload = keep(what=self.import_what, by=signed_in(request), chunks=form.cleaned_data["file"].chunks())
            return redirect(f"admin:{self.import_name('preview')}", upload.pk)
        return self._show(request, "upload", {"form": form, "columns": self.import_columns})

    def _preview(self, request: HttpRequest, key: uuid.UUID) -> HttpResponse:
        upload = self._own(request, key)
        try:
            outcome = self._run(request, upload, dry_run=True, partial=True)
        except ImportStopped as error:
            return self._refuse(request, upload, error)
        form = ConfirmForm(request.POST if request.method == "POST" else None, outcome=outcome)
        if request.method == "POST" and form.is_valid():
            return self._import(request, upload, form)
        report = reverse(f"admin:{self.import_name('report')}", args=[key])
        return self._show(request, "preview", {"form": form, "outcome": outcome, "report": report})

    def _import(self, request: HttpRequest, upload: Upload, form: Form) -> HttpResponse:
        allowed = {"allow_leavers": form.cleaned_data.get("allow_leavers", False)} if self.import_may_leave else {}
        try:
            outcome = self._run(request, upload, partial=form.cleaned_data.get("partial", False), **allowed)
        except ImportStopped as error:
            return self._refuse(request, upload, error)
        if not outcome.applied:  # somebody changed the data since the preview
            messages.error(request, "The directory or stock changed meanwhile. Nothing was imported: look at the preview again.")
            return redirect(request.path)
        discard(upload=upload)
        counts = outcome.counts
        messages.success(request, f"Imported: {counts['new']:,} new, {counts['changed']:,} changed, {counts['refused']:,} left out.")
        return redirect(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")

    def _report(self, request: HttpRequest, key: uuid.UUID) -> HttpResponseBase:
        upload = self._own(request, key)
        report = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        try:
            self._run(request, upload, dry_run=True, partial=True, report=report)
        except ImportStopped as error:
            report.close()
            return self._refuse(request, upload, error)
        report.seek(0)
        return FileResponse(report, as_attachment=True, filename=f"{self.import_what}-report.csv", content_type="text/csv; charset=utf-8")

    def _run(self, request: HttpRequest, upload: Upload, **options: Any) -> Outcome:
        return type(self).importer(file=opened(upload), actor=signed_in(request), **options)

    def _refuse(self, request: HttpRequest, upload: Upload, error: ImportStopped) -> HttpResponse:
        form = UploadForm(data={})
        form.errors.clear()
        form.add_error("file", str(error))
        discard(upload=upload)
        return self._show(request, "upload", {"form": form, "columns": self.import_columns})

    def _check(self, request: HttpRequest) -> None:
        if not self.may_import(request):
            raise PermissionDenied

    def _own(self, request: HttpRequest, key: uuid.UUID) -> Upload:
        self._check(request)
        return get_object_or_404(Upload, pk=key, by=signed_in(request), what=self.import_what)

    def _show(self, request: HttpRequest, step: str, context: dict[str, Any]) -> HttpResponse:
        upload = reverse(f"admin:{self.import_name('upload')}")
        common = {**self.admin_site.each_context(request), "opts": self.opts, "title": f"Import {self.import_what}", "upload_link": upload}
        return render(request, f"admin/imports/{step}.html", {**common, **context})
