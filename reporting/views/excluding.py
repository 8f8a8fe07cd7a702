"""Who is kept from a report: find somebody, say why, read it back, exclude them; or let back somebody who was excluded by mistake."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from portal.people.access import signed_in
from portal.people.finding import Found
from portal.people.models import Person
from reporting import consulting, holding
from reporting import duty as duties
from reporting.desk import conflicts, excluding
from reporting.forms.duties import SearchForm
from reporting.forms.excluding import ExcludeForm, ReadmitForm
from reporting.models import Duty, Report
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_standards, not_found_unless_theirs, reach, standards_only


@form_page
@standards_only
@not_found_unless_theirs
def exclude(request: HttpRequest, reference: str) -> HttpResponse:
    """Find somebody (`?q=`), choose them and say why. Shown back once; only `confirmed` excludes them."""
    report, person = reach(request, reference, as_standards), signed_in(request)
    search = SearchForm(request.GET if "q" in request.GET else None)
    found = Found.among(conflicts.could_exclude(person, report, search.cleaned_data["q"] if search.is_valid() else ""))
    form = ExcludeForm(posted(request), people=found)
    if form.is_valid() and "change" not in request.POST:
        if "confirmed" not in request.POST:
            return render(request, "reporting/standards/exclude_check.html", {"report": report, "form": form, **shown_back(report, form)})
        if excluded(request, report, form):
            return redirect("standards:report", reference=report.reference)
    consulting.consult(person=person, report=report, why="excluded")
    context = {"report": report, "search": search, "found": found, "form": form, "kept_out": conflicts.kept_out(person, report)}
    return render(request, "reporting/standards/exclude.html", context)


def shown_back(report: Report, form: ExcludeForm) -> dict[str, Any]:
    """What was filled in, and what follows. Whether it can be done is for the verb to say: asked here, names could be tried out."""
    given, duty = form.cleaned_data, Duty.objects.filter(report=report).open().select_related("holder__unit", "post").first()
    whom: Person = given["whom"]
    rows = [
        {"key": "Who", "value": whom.name_unit_and_number},
        {"key": "What you learned", "value": given["why"].label},
        {"key": "How you know", "value": given["reason"]},
    ]
    holds = duty is not None and duty.holder == whom
    at_desk = duty is not None and duty.post_id is not None and holding.holds(whom, duty)
    return {"rows": rows, "whom": whom, "holds": holds, "at_desk": at_desk, "deputy": conflicts.deputy_holding(whom, duty)}


def excluded(request: HttpRequest, report: Report, form: ExcludeForm) -> bool:
    """Exclude them, or say on the form why not."""
    try:
        moved = excluding.exclude(person=signed_in(request), report_id=report.pk, **form.cleaned_data)
    except excluding.CannotExclude as error:
        form.add_error(None, str(error))
        return False
    then = f". The duty to act passed to {duties.holder_name(moved)}" if moved else ""
    messages.success(request, f"{form.cleaned_data['whom'].name_and_unit} is excluded from this report{then}")
    return True


@form_page
@standards_only
@not_found_unless_theirs
def readmit(request: HttpRequest, reference: str, conflict_id: uuid.UUID) -> HttpResponse:
    report, person, form = reach(request, reference, as_standards), signed_in(request), ReadmitForm(posted(request))
    conflict = get_object_or_404(conflicts.standing(report).select_related("person__unit"), pk=conflict_id)
    if form.is_valid():
        try:
            excluding.readmit(person=person, conflict_id=conflict.pk, reason=form.cleaned_data["reason"])
        except excluding.CannotExclude as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"{conflict.person.name_and_unit} is not excluded any more")
            return redirect("standards:report", reference=report.reference)
    return render(request, "reporting/standards/readmit.html", {"report": report, "whom": conflict.person, "form": form})
