"""Who at a post works on a duty: take it, give it to another member, or leave it with the post alone."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.people.access import signed_in
from reporting.desk import assigning
from reporting.forms.duties import AssignForm
from reporting.holding import NotHolding
from reporting.models import Duty
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_holder, not_found_unless_theirs, reach


@form_page
@not_found_unless_theirs
def assign(request: HttpRequest, reference: str) -> HttpResponse:
    report, person = reach(request, reference, as_holder), signed_in(request)
    duty = Duty.objects.filter(report=report).held_by(person).select_related("report", "post").first()
    if duty is None or duty.post is None:
        raise Http404
    given = assigning.members_of([duty]).get(duty.pk)
    people = assigning.could_work_on(duty, person)
    form = AssignForm(posted(request), people=people, me=person, initial={"to": str((given or person).pk)})
    if form.is_valid():
        try:
            member = assigning.assign(person=person, report_id=report.pk, to=form.cleaned_data["to"])
        except (NotHolding, assigning.CannotAssign) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "You work on this" if member == person else f"Assigned to {member.name_and_unit}")
            return redirect("duties:duty", reference=report.reference)
    return render(request, "reporting/duties/assign.html", {"report": report, "form": form})


@require_POST
@not_found_unless_theirs
def unassign(request: HttpRequest, reference: str) -> HttpResponse:
    report = reach(request, reference, as_holder)
    try:
        assigning.unassign(person=signed_in(request), report_id=report.pk)
        messages.success(request, "Nobody at the desk is assigned to this now")
    except NotHolding as error:
        messages.warning(request, str(error))
    return redirect("duties:duty", reference=report.reference)
