"""Erasing a report: one person in professional standards asks, another reads why and decides."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from portal.people.access import signed_in
from portal.requests.answering import could
from portal.requests.choices import Ground
from portal.requests.forms import AskToEraseForm, RefuseForm
from portal.requests.reasons import reason_of
from portal.requests.retention import retention_cutoff
from reporting.erasure import erasing
from reporting.forms.erasing import KEPT, EraseForm
from reporting.models import Erasure, Report
from reporting.views import deciding
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
        return _show_request(request, report, waiting)
    by_rule = Report.objects.closed_before(retention_cutoff()).filter(pk=report.pk).exists()
    form = AskToEraseForm(request.POST if request.method == "POST" else None, by_rule=by_rule, what="report", kept=KEPT)

    def do() -> None:
        ground, reason = Ground(form.cleaned_data["ground"]), form.cleaned_data["reason"]
        erasing.ask_to_erase(person=person, report_id=report.pk, ground=ground, reason=reason)

    if could(form, do):
        messages.success(request, "You asked to erase this report. A second person decides")
        return redirect("standards:erase", reference=report.reference)
    return render(request, "reporting/standards/erase.html", {"report": report, "form": form, "by_rule": by_rule})


def _find(request: HttpRequest, reference: str) -> tuple[Report, Erasure | None]:
    report = reach(request, reference, as_standards)
    return report, _waiting(report)


def _show_request(request: HttpRequest, report: Report, waiting: Erasure, form: EraseForm | RefuseForm | None = None) -> HttpResponse:
    refusing = form if isinstance(form, RefuseForm) else RefuseForm(kept=KEPT)
    erase = form if isinstance(form, EraseForm) else EraseForm()
    return deciding.shown(request, report, waiting, "erase", words={"reason": reason_of(waiting)}, form=erase, refusing=refusing)


PAGES = deciding.pages(_find, "Nobody asks to erase this report")
withdraw = PAGES.pressing(erasing.withdraw, done="You withdrew the request. Nothing was erased")
refuse = PAGES.answering(
    lambda data, _asked: RefuseForm(data, kept=KEPT), erasing.refuse, _show_request, done="You refused the request. Nothing was erased"
)
confirm = PAGES.answering(lambda data, _asked: EraseForm(data), erasing.erase, _show_request, done="The content of this report was erased")


def _waiting(report: Report) -> Erasure | None:
    """`report.erasures` gives it the report, which is not read again."""
    return report.erasures.waiting().select_related("asked_by__unit").first()
