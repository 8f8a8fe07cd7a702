"""Erasing a report: one person in professional standards asks, another reads why and decides."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.people.access import signed_in
from reporting.choices import Ground
from reporting.erasure import erasing
from reporting.forms.erasing import AskToEraseForm, EraseForm, RefuseForm
from reporting.models import Erasure, Report
from reporting.views.scoping import as_standards, not_found_unless_theirs, reach, standards_only
from reporting.views.standards import PAGE_SIZE, erasures_waiting, past_retention, present_lines


@require_safe
@standards_only
def retention(request: HttpRequest) -> HttpResponse:
    """Reports that have passed their retention date, and requests that wait for a second person."""
    person = signed_in(request)
    reports = past_retention(person).select_related("unit").defer("ladder").order_by("sent_at", "id")
    page = Paginator(reports, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "lines": present_lines(page.object_list, timezone.now()),
        "years": settings.RETENTION_YEARS,
        "waiting": erasures_waiting(person).select_related("report", "asked_by__unit").order_by("asked_at"),
    }
    return render(request, "reporting/standards/retention.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@standards_only
@not_found_unless_theirs
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask; or where somebody has asked, what the second person decides on."""
    report, person = reach(request, reference, as_standards), signed_in(request)
    waiting = _waiting(report)
    if waiting is not None and request.method != "POST":
        return _show_request(request, waiting)
    form = AskToEraseForm(request.POST if request.method == "POST" else None, by_rule=_by_rule(report))
    if form.is_valid():
        try:
            ground, reason = Ground(form.cleaned_data["ground"]), form.cleaned_data["reason"]
            erasing.ask_to_erase(person=person, report_id=report.pk, ground=ground, reason=reason)
        except erasing.CannotErase as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "You asked to erase this report. A second person decides")
            return redirect("standards:erase", reference=report.reference)
    return render(request, "reporting/standards/erase.html", {"report": report, "form": form, "by_rule": _by_rule(report)})


@require_POST
@standards_only
@not_found_unless_theirs
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    report = reach(request, reference, as_standards)
    waiting = _waiting(report)
    if waiting is not None:
        try:
            erasing.withdraw(person=signed_in(request), erasure_id=waiting.pk)
            messages.success(request, "You withdrew the request. Nothing was erased")
        except erasing.CannotErase as error:
            messages.warning(request, str(error))
    return redirect("standards:report", reference=report.reference)


@require_POST
@standards_only
@not_found_unless_theirs
def refuse(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = reach(request, reference, as_standards), RefuseForm(request.POST)
    waiting = _waiting(report)
    if waiting is None:
        return _decided_already(request, report)
    if form.is_valid():
        try:
            erasing.refuse(person=signed_in(request), erasure_id=waiting.pk, reason=form.cleaned_data["reason"])
        except erasing.CannotErase as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "You refused the request. Nothing was erased")
            return redirect("standards:report", reference=report.reference)
    return _show_request(request, waiting, refusing=form)


@require_POST
@standards_only
@not_found_unless_theirs
def confirm(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = reach(request, reference, as_standards), EraseForm(request.POST)
    waiting = _waiting(report)
    if waiting is None:
        return _decided_already(request, report)
    if form.is_valid():
        try:
            erasing.erase(person=signed_in(request), erasure_id=waiting.pk, reference=form.cleaned_data["reference"])
        except erasing.CannotErase as error:
            form.add_error("reference", str(error))
        else:
            messages.success(request, "The content of this report was erased")
            return redirect("standards:report", reference=report.reference)
    return _show_request(request, waiting, form=form)


def _show_request(
    request: HttpRequest, waiting: Erasure, *, form: EraseForm | None = None, refusing: RefuseForm | None = None
) -> HttpResponse:
    context: dict[str, Any] = {
        "report": waiting.report,
        "erasure": waiting,
        "reason": erasing.reason_of(waiting),
        "others": erasing.could_decide(waiting).exists(),
        "form": form or EraseForm(),
        "refusing": refusing or RefuseForm(),
    }
    is_own = waiting.asked_by_id == signed_in(request).pk
    return render(request, "reporting/standards/erase_waiting.html" if is_own else "reporting/standards/erase_decide.html", context)


def _waiting(report: Report) -> Erasure | None:
    return report.erasures.waiting().select_related("asked_by__unit", "report").first()


def _decided_already(request: HttpRequest, report: Report) -> HttpResponse:
    messages.warning(request, "Nobody asks to erase this report any more. Nothing was changed")
    return redirect("standards:report", reference=report.reference)


def _by_rule(report: Report) -> bool:
    return Report.objects.closed_before(erasing.retention_cutoff()).filter(pk=report.pk).exists()
