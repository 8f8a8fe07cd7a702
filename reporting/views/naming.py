"""The name of a reporter who asked for it to be kept back: one person in professional standards asks, another decides, both see it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from portal.people.access import signed_in
from portal.people.models import Person
from reporting.confidence import names, naming
from reporting.forms.naming import AskForNameForm, OpenNameForm, RefuseNameForm
from reporting.models import NameOpening, Report
from reporting.views.scoping import as_standards, not_found_unless_theirs, reach, standards_only

PEOPLE = ("report__reporter__unit", "asked_by__unit", "decided_by__unit")


def kept_back(request: HttpRequest, reference: str) -> Report:
    """A report whose reporter asked for their name to be kept back; of any other there is nothing to open."""
    report = reach(request, reference, as_standards)
    if not report.confidential:
        raise Http404
    return report


@require_http_methods(["GET", "HEAD", "POST"])
@standards_only
@not_found_unless_theirs
def name(request: HttpRequest, reference: str) -> HttpResponse:
    """The name, to whom it is open; else what somebody asked, to decide on; else a form to ask with."""
    report, person = kept_back(request, reference), signed_in(request)
    if request.method != "POST":
        return _shown(request, report, person)
    form = AskForNameForm(request.POST)
    if form.is_valid():
        try:
            naming.ask_to_open(person=person, report_id=report.pk, reason=form.cleaned_data["reason"], withheld=form.asked())
        except naming.CannotOpen as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "You asked to open the name. A second person decides")
            return redirect("standards:name", reference=report.reference)
    return _ask(request, report, form)


@require_POST
@standards_only
@not_found_unless_theirs
def withdraw(request: HttpRequest, reference: str) -> HttpResponse:
    return _press(request, kept_back(request, reference), _waiting, naming.withdraw, "You withdrew the request. The name stays closed")


@require_POST
@standards_only
@not_found_unless_theirs
def close(request: HttpRequest, reference: str) -> HttpResponse:
    return _press(request, kept_back(request, reference), _standing, naming.close, "The name is closed")


@require_POST
@standards_only
@not_found_unless_theirs
def tell(request: HttpRequest, reference: str) -> HttpResponse:
    return _press(request, kept_back(request, reference), _untold, naming.end_withholding, "The reporter was told")


@require_POST
@standards_only
@not_found_unless_theirs
def refuse(request: HttpRequest, reference: str) -> HttpResponse:
    report, form = kept_back(request, reference), RefuseNameForm(request.POST)
    waiting = _waiting(report, signed_in(request))
    if waiting is None:
        return _decided_already(request, report)
    if form.is_valid():
        try:
            naming.refuse(person=signed_in(request), opening_id=waiting.pk, reason=form.cleaned_data["reason"])
        except naming.CannotOpen as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "You refused the request. The name stays closed")
            return redirect("standards:report", reference=report.reference)
    return _decide(request, waiting, refusing=form)


@require_POST
@standards_only
@not_found_unless_theirs
def open_name(request: HttpRequest, reference: str) -> HttpResponse:
    report = kept_back(request, reference)
    waiting = _waiting(report, signed_in(request))
    if waiting is None:
        return _decided_already(request, report)
    form = OpenNameForm(request.POST, until=waiting.withheld_until)
    if form.is_valid():
        try:
            naming.open_name(person=signed_in(request), opening_id=waiting.pk, tell_now=form.tell_now())
        except naming.CannotOpen as error:
            form.add_error(None, str(error))
        else:
            return redirect("standards:name", reference=report.reference)
    return _decide(request, waiting, form=form)


def _shown(request: HttpRequest, report: Report, person: Person) -> HttpResponse:
    opening = names.standing_for(person, report)
    if opening is not None:
        naming.show(person, report)
        return render(request, "reporting/standards/name_open.html", {"report": report, "opening": opening})
    waiting = _waiting(report, person)
    return _decide(request, waiting) if waiting else _ask(request, report, AskForNameForm())


def _ask(request: HttpRequest, report: Report, form: AskForNameForm) -> HttpResponse:
    untold = _untold(report, signed_in(request))
    return render(
        request, "reporting/standards/name.html", {"report": report, "form": form, "untold": untold, "days": naming.OPEN_FOR.days}
    )


def _decide(
    request: HttpRequest, waiting: NameOpening, *, form: OpenNameForm | None = None, refusing: RefuseNameForm | None = None
) -> HttpResponse:
    is_own = waiting.asked_by_id == signed_in(request).pk
    context: dict[str, Any] = {
        "report": waiting.report,
        "opening": waiting,
        "words": naming.words_of(waiting),
        "others": naming.deciders(waiting).exists(),
        "days": naming.OPEN_FOR.days,
        "form": form or OpenNameForm(until=waiting.withheld_until),
        "refusing": refusing or RefuseNameForm(),
    }
    return render(request, "reporting/standards/name_waiting.html" if is_own else "reporting/standards/name_decide.html", context)


def _press(
    request: HttpRequest,
    report: Report,
    find: Callable[[Report, Person], NameOpening | None],
    verb: Callable[..., NameOpening],
    done: str,
) -> HttpResponse:
    """A button without a form. Where there is nothing to do any more, the page says so and nothing is changed."""
    opening = find(report, signed_in(request))
    if opening is None:
        return _decided_already(request, report)
    try:
        verb(person=signed_in(request), opening_id=opening.pk)
        messages.success(request, done)
    except naming.CannotOpen as error:
        messages.warning(request, str(error))
    return redirect("standards:report", reference=report.reference)


def _waiting(report: Report, _person: Person) -> NameOpening | None:
    return NameOpening.objects.waiting().filter(report=report).select_related(*PEOPLE).first()


def _standing(report: Report, person: Person) -> NameOpening | None:
    return names.standing_for(person, report)


def _untold(report: Report, person: Person) -> NameOpening | None:
    """One of this person's own, of which the reporter was not told yet."""
    return NameOpening.objects.untold().filter(report=report).of(person).select_related(*PEOPLE).order_by("withheld_until").first()


def _decided_already(request: HttpRequest, report: Report) -> HttpResponse:
    messages.warning(request, "There is nothing to decide any more. Nothing was changed")
    return redirect("standards:report", reference=report.reference)
