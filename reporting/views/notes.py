"""Write a note, from a holder's page or from that of professional standards."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from portal.people.access import signed_in
from reporting.desk import noting
from reporting.forms.duties import NoteForm
from reporting.holding import NotHolding
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_holder, as_standards, not_found_unless_theirs, reach


@form_page
@not_found_unless_theirs
def write(request: HttpRequest, reference: str, *, for_standards: bool = False) -> HttpResponse:
    report, form = reach(request, reference, as_standards if for_standards else as_holder), NoteForm(posted(request))
    back = f"/{'standards' if for_standards else 'duties'}/{report.reference}/"
    if form.is_valid():
        try:
            noting.write_note(person=signed_in(request), report_id=report.pk, **form.cleaned_data)
        except NotHolding as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Note kept")
            return redirect(f"{back}#notes")
    return render(request, "reporting/duties/note.html", {"report": report, "form": form, "back": back})
