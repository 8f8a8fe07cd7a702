"""Reports that belong together: what is suggested, link by hand, take apart."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.people.access import signed_in
from portal.vault.sealing import Erased
from reporting import consulting, holding
from reporting.desk import linking, links
from reporting.drafts.references import tidy
from reporting.forms.overseeing import LinkForm, UnlinkForm
from reporting.models import Report
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_standards, not_found_unless_theirs, reach, standards_only

UNKNOWN = "There is no report with this reference that you can link. Check it and enter it again."


@form_page
@standards_only
@not_found_unless_theirs
def link(request: HttpRequest, reference: str) -> HttpResponse:
    """What is linked and what is suggested; `?to=` fills in a reference."""
    report, person = reach(request, reference, as_standards), signed_in(request)
    form = LinkForm(posted(request), initial={"reference": request.GET.get("to", "")})
    if form.is_valid() and linked(request, report, form):
        messages.success(request, "Linked")
        return redirect("standards:links", reference=report.reference)
    consulting.consult(person=person, report=report, why="links")
    context = {"report": report, "form": form, "linked": links.linked(person, report), "suggested": links.suggested(person, report)}
    return render(request, "reporting/standards/links.html", context)


def linked(request: HttpRequest, report: Report, form: LinkForm) -> bool:
    """Link, or say on the form why not: of a report that this person must not know of what is said of one that does not exist."""
    person, given = signed_in(request), form.cleaned_data
    other = as_standards(person).filter(reference=tidy(given["reference"]) or "-").first()
    if other is None:
        form.add_error("reference", UNKNOWN)
        return False
    try:
        linking.link(person=person, report_id=report.pk, to=other.pk, reason=given["reason"])
    except (holding.NotYours, Erased):
        form.add_error("reference", UNKNOWN)
    except linking.CannotLink as error:
        form.add_error("reference", str(error))
    return form.is_valid()


@form_page
@standards_only
@not_found_unless_theirs
def unlink(request: HttpRequest, reference: str, link_id: uuid.UUID) -> HttpResponse:
    report, person = reach(request, reference, as_standards), signed_in(request)
    other = links.others(report, as_standards(person)).get(link_id)
    if other is None:
        raise Http404
    form = UnlinkForm(posted(request))
    if form.is_valid():
        try:
            linking.unlink(person=person, link_id=link_id, reason=form.cleaned_data["reason"])
        except linking.CannotLink as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Taken apart from {other.reference}")
            return redirect("standards:links", reference=report.reference)
    return render(request, "reporting/standards/unlink.html", {"report": report, "other": other, "form": form})
