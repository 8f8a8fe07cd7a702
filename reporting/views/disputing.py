"""The reporter disputes what was done: they say why, see it once more, and only then it counts."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.people.access import signed_in
from portal.record.appending import now
from reporting import adding, disputing
from reporting.forms.adding import DisputeForm
from reporting.models import Report
from reporting.views.reports import mine, whole
from reporting.views.scoping import gone_if_erased


@require_http_methods(["GET", "HEAD", "POST"])
@gone_if_erased
def dispute(request: HttpRequest, reference: str) -> HttpResponse:
    found = whole(mine(request, reference))
    form = DisputeForm(request.POST if request.method == "POST" else None)
    problem = disputing.problem_with(found, now())
    context = {"report": found, "form": form, "problem": problem}
    if problem or not form.is_valid() or "change" in request.POST:
        return render(request, "reporting/reports/dispute.html", context)
    if "confirmed" not in request.POST:
        return render(request, "reporting/reports/dispute_check.html", context)
    return _dispute(request, found, form)


def _dispute(request: HttpRequest, found: Report, form: DisputeForm) -> HttpResponse:
    try:
        disputing.dispute(reporter=signed_in(request), report_id=found.pk, reason=form.cleaned_data["reason"])
    except disputing.CannotDispute as error:
        return render(request, "reporting/reports/dispute.html", {"report": found, "form": form, "problem": str(error)})
    except adding.NotYours as error:
        raise Http404 from error
    messages.success(request, "You disputed what was done")
    return redirect("reporting:report", reference=found.reference)
