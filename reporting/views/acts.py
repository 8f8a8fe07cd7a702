"""One act each on a duty: take it up, ask, tell the reporter, record what was done, pass it on, step aside."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.people.access import signed_in
from portal.people.finding import Found
from portal.people.models import Person, PersonQuerySet
from reporting import asking, holding, passing, saying, stepping_aside, taking_up
from reporting import duty as duties
from reporting.forms.duties import AskForm, PassForm, SearchForm, StepAsideForm, TellForm
from reporting.holding import NotHolding
from reporting.models import Duty, Report
from reporting.views.scoping import as_holder, not_found_unless_theirs, reach

form_page = require_http_methods(["GET", "POST"])


def posted(request: HttpRequest) -> QueryDict | None:
    """What a form is bound to: an empty post is one too."""
    return request.POST if request.method == "POST" else None


@require_POST
@not_found_unless_theirs
def take_up(request: HttpRequest, reference: str) -> HttpResponse:
    report = reach(request, reference, as_holder)
    try:
        taking_up.take_up(person=signed_in(request), report_id=report.pk)
        messages.success(request, "You took this up")
    except NotHolding as error:
        messages.warning(request, str(error))
    return redirect("duties:duty", reference=report.reference)


@form_page
@not_found_unless_theirs
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = reach(request, reference, as_holder), AskForm(posted(request))
    if form.is_valid():
        try:
            asking.ask(person=signed_in(request), report_id=report.pk, **form.cleaned_data)
        except NotHolding as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Question sent")
            return redirect("duties:duty", reference=report.reference)
    return render(request, "reporting/duties/ask.html", {"report": report, "form": form})


@form_page
@not_found_unless_theirs
def tell(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = reach(request, reference, as_holder), TellForm(posted(request))
    if form.is_valid():
        try:
            saying.tell_reporter(person=signed_in(request), report_id=report.pk, **form.cleaned_data)
        except NotHolding as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "The reporter is told")
            return redirect("duties:duty", reference=report.reference)
    return render(request, "reporting/duties/tell.html", {"report": report, "form": form})


@form_page
@not_found_unless_theirs
def pass_on(request: HttpRequest, reference: str) -> HttpResponse:
    """Find somebody (`?q=`), then choose them and say why."""
    report = reach(request, reference, as_holder)
    search = SearchForm(request.GET if "q" in request.GET else None)
    found = Found.among(candidates(request, report, search))
    form = PassForm(posted(request), people=found)
    if form.is_valid():
        try:
            to, reason = form.cleaned_data["to"], form.cleaned_data["reason"]
            new = passing.pass_on(person=signed_in(request), report_id=report.pk, to=to, reason=reason)
        except (NotHolding, passing.CannotPass) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"The duty passed to {duties.holder_name(new)}")
            return redirect("duties:duty", reference=report.reference)
    elif form.is_bound and (gone := holding.why_gone(person=signed_in(request), report_id=report.pk)):
        form.errors.clear()  # nobody is in the list that they chose from, and why is not that
        form.add_error(None, gone)
    return render(request, "reporting/duties/pass.html", {"report": report, "form": form, "search": search, "found": found})


def candidates(request: HttpRequest, report: Report, search: SearchForm) -> PersonQuerySet:
    """Who was found and may be chosen. Nobody, where this person holds it no more and where it can pass to nobody; `search` says why."""
    nobody: PersonQuerySet = Person.objects.none()
    duty = Duty.objects.filter(report=report).held_by(signed_in(request)).first() if search.is_valid() else None
    if duty is None:
        return nobody
    try:
        able = passing.offered(duty).search(search.cleaned_data["q"])
    except passing.CannotPass as error:
        search.add_error(None, str(error))
        return nobody
    listed: PersonQuerySet = able.order_by("last_name", "first_name", "number")
    return listed


@form_page
@not_found_unless_theirs
def step_aside(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = reach(request, reference, as_holder), StepAsideForm(posted(request))
    if form.is_valid():
        try:
            stepping_aside.step_aside(person=signed_in(request), report_id=report.pk, reason=form.cleaned_data["reason"])
        except (NotHolding, stepping_aside.NobodyElse) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"You stepped aside from report {report.reference}")
            return redirect("duties:list")
    return render(request, "reporting/duties/step_aside.html", {"report": report, "form": form})
