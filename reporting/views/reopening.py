"""Professional standards reopen a report that was closed."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.people.access import signed_in
from reporting import duty as duties
from reporting import reopening
from reporting.escalation.ladder import NoPolicy
from reporting.forms.reopening import ReopenForm
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_standards, not_found_unless_theirs, reach, standards_only


@form_page
@standards_only
@not_found_unless_theirs
def reopen(request: HttpRequest, reference: str) -> HttpResponse:
    report = reach(request, reference, as_standards)
    form = ReopenForm(posted(request), above=reopening.has_level_above(report))
    if form.is_valid():
        try:
            new = reopening.reopen(person=signed_in(request), report_id=report.pk, **form.cleaned_data)
        except (reopening.NotClosed, reopening.NobodyAbove, NoPolicy) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"You reopened this report. The duty to act passed to {duties.holder_name(new)}")
            return redirect("standards:report", reference=report.reference)
    elif request.method == "GET" and reopening.closing_duty(report) is None:
        return redirect("standards:report", reference=report.reference)
    return render(request, "reporting/standards/reopen.html", {"report": report, "form": form})
