"""The name of a reporter who asked for it to be kept back: one person in professional standards asks, another decides, both see it."""

from __future__ import annotations

from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.people.access import signed_in
from portal.people.models import Person
from portal.requests.answering import Find, could
from reporting.confidence import names, naming
from reporting.forms.naming import AskForNameForm, OpenNameForm, RefuseNameForm
from reporting.models import NameOpening, Report
from reporting.views import deciding
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

    def do() -> None:
        naming.ask_to_open(person=person, report_id=report.pk, reason=form.cleaned_data["reason"], withheld=form.asked())

    if could(form, do):
        messages.success(request, "You asked to open the name. A second person decides")
        return redirect("standards:name", reference=report.reference)
    return _ask(request, report, form)


def _shown(request: HttpRequest, report: Report, person: Person) -> HttpResponse:
    opening = names.standing_for(person, report)
    if opening is not None:
        naming.show(person, report)
        return render(request, "reporting/standards/name_open.html", {"report": report, "opening": opening})
    waiting = _waiting(report, person)
    return _decide(request, report, waiting) if waiting else _ask(request, report, AskForNameForm())


def _ask(request: HttpRequest, report: Report, form: AskForNameForm) -> HttpResponse:
    untold = _untold(report, signed_in(request))
    return render(
        request, "reporting/standards/name.html", {"report": report, "form": form, "untold": untold, "days": naming.OPEN_FOR.days}
    )


def _decide(request: HttpRequest, report: Report, waiting: NameOpening, form: OpenNameForm | RefuseNameForm | None = None) -> HttpResponse:
    refusing = form if isinstance(form, RefuseNameForm) else RefuseNameForm()
    open_it = form if isinstance(form, OpenNameForm) else OpenNameForm(until=waiting.withheld_until)
    words, days = naming.words_of(waiting), naming.OPEN_FOR.days
    return deciding.shown(request, report, waiting, "name", words=words, days=days, form=open_it, refusing=refusing)


def _waiting(report: Report, _person: Person) -> NameOpening | None:
    return NameOpening.objects.waiting().filter(report=report).select_related(*PEOPLE).first()


def _standing(report: Report, person: Person) -> NameOpening | None:
    return names.standing_for(person, report)


def _untold(report: Report, person: Person) -> NameOpening | None:
    """One of this person's own, of which the reporter was not told yet."""
    return NameOpening.objects.untold().filter(report=report).of(person).select_related(*PEOPLE).order_by("withheld_until").first()


def _finding(find: Callable[[Report, Person], NameOpening | None]) -> Find:
    def found(request: HttpRequest, reference: str) -> tuple[Report, NameOpening | None]:
        report = kept_back(request, reference)
        return report, find(report, signed_in(request))

    return found


WAITING, STANDING, UNTOLD = (deciding.pages(_finding(find), "There is nothing to decide") for find in (_waiting, _standing, _untold))
withdraw = WAITING.pressing(naming.withdraw, done="You withdrew the request. The name stays closed")
close = STANDING.pressing(naming.close, done="The name is closed")
tell = UNTOLD.pressing(naming.end_withholding, done="The reporter was told")
refuse = WAITING.answering(
    lambda data, _asked: RefuseNameForm(data), naming.refuse, _decide, done="You refused the request. The name stays closed"
)
open_name = WAITING.answering(
    lambda data, asked: OpenNameForm(data, until=asked.withheld_until),
    naming.open_name,
    _decide,
    done="",
    to=lambda report: reverse("standards:name", args=[report.reference]),
)
