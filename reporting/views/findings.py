"""Professional standards enter what they decided."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.people.access import signed_in
from reporting.desk import finding
from reporting.forms.overseeing import FindingForm
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_standards, not_found_unless_theirs, reach, standards_only


@form_page
@standards_only
@not_found_unless_theirs
def record(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = reach(request, reference, as_standards), FindingForm(posted(request))
    if form.is_valid():
        try:
            given = finding.Given(**form.cleaned_data)
            finding.record_finding(person=signed_in(request), report_id=report.pk, given=given)
        except finding.NotYet as error:
            form.add_error("day", str(error))
        else:
            messages.success(request, "Recorded")
            return redirect("standards:report", reference=report.reference)
    return render(request, "reporting/standards/finding.html", {"report": report, "form": form})
