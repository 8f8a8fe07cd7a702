"""Serving files: safe copies to look at, and originals only as downloads."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from portal.people.access import signed_in
from portal.vault.sealing import Erased, Missing
from reporting.choices import ReportState
from reporting.drafts.references import tidy
from reporting.evidence import keeping as evidence
from reporting.models import Attachment, Report

SANDBOX = "sandbox; default-src 'none'; img-src 'self'; style-src 'none'"


def preview_response(attachment: Attachment) -> HttpResponse:
    """The safe copy, as an image or as plain text. The caller has scoped the attachment."""
    if not attachment.preview_type:
        return _guarded(HttpResponse("There is nothing to show of this file.", content_type="text/plain; charset=utf-8"))
    try:
        shown = evidence.preview(attachment)
    except (Erased, Missing):
        return erased_response()
    kind = attachment.preview_type
    content_type = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
    response = HttpResponse(shown, content_type=content_type)
    ending = "txt" if kind.startswith("text/") else "jpg"
    response["Content-Disposition"] = f'inline; filename="preview.{ending}"'
    return _guarded(response)


def erased_response() -> HttpResponse:
    return _guarded(HttpResponse("This file was erased.", content_type="text/plain; charset=utf-8", status=410))


def original_response(original: evidence.Original) -> HttpResponse:
    """The file as it was sent, never shown by the browser itself."""
    response = HttpResponse(original.data, content_type="application/octet-stream")
    response["Content-Disposition"] = content_disposition_header(True, original.name) or "attachment"
    return _guarded(response)


def _guarded(response: HttpResponse) -> HttpResponse:
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, no-store"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_safe
def draft_file(request: HttpRequest, draft_id: uuid.UUID, attachment_id: uuid.UUID) -> HttpResponse:
    files = Attachment.objects.filter(draft=draft_id, draft__reporter=signed_in(request))
    return preview_response(get_object_or_404(files, pk=attachment_id))


@require_safe
def report_file(request: HttpRequest, reference: str, attachment_id: uuid.UUID) -> HttpResponse:
    mine = Report.objects.for_reporter(signed_in(request)).filter(reference=tidy(reference) or "-")
    if mine.filter(state=ReportState.ERASED).exists():
        return erased_response()
    files = Attachment.objects.filter(report__in=mine)
    return preview_response(get_object_or_404(files, pk=attachment_id))
