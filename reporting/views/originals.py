"""Files for holders and professional standards: safe copies to look at, and the original for a stated reason."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_http_methods, require_safe

from portal.people.access import signed_in
from reporting.evidence import keeping as evidence
from reporting.forms.duties import OriginalForm
from reporting.models import Attachment
from reporting.views.files import original_response, preview_response
from reporting.views.scoping import as_holder, as_standards, files_of, not_found_unless_theirs, reach


def file_of(request: HttpRequest, reference: str, attachment_id: uuid.UUID, *, for_standards: bool) -> Attachment:
    report = reach(request, reference, as_standards if for_standards else as_holder)
    files = Attachment.objects.filter(report=report) if for_standards else files_of(signed_in(request), report)
    return get_object_or_404(files.select_related("report"), pk=attachment_id)


@require_safe
@not_found_unless_theirs
def preview(request: HttpRequest, reference: str, attachment_id: uuid.UUID, for_standards: bool = False) -> HttpResponse:
    return preview_response(file_of(request, reference, attachment_id, for_standards=for_standards))


@require_http_methods(["GET", "POST"])
@not_found_unless_theirs
def original(request: HttpRequest, reference: str, attachment_id: uuid.UUID, for_standards: bool = False) -> HttpResponse:
    """Asks why, then sends the file as it came, as a download."""
    attachment = file_of(request, reference, attachment_id, for_standards=for_standards)
    form = OriginalForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return original_response(
            evidence.original(person=signed_in(request), attachment=attachment, why=form.cleaned_data["why"])
        )  # fmt: skip
    back = f"/{'standards' if for_standards else 'duties'}/{reference}/"
    name = evidence.names([attachment])[attachment.pk]
    return render(request, "reporting/duties/original.html", {"form": form, "attachment": attachment, "name": name, "back": back})
