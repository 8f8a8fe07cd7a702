"""When I am away, who stands in for me, whom I stand in for, and what I hold."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.away.forms import AwayForm, PassDutiesForm
from portal.away.handing_over import hand_over, held, within_rank
from portal.people import going_away
from portal.people.absence import says_when_away
from portal.people.access import signed_in
from portal.people.deputies import doubts
from portal.people.models import Absence, AbsenceQuerySet, Person
from portal.ui import words
from reporting.firing import fired_first
from reporting.models import Duty

form_page = require_http_methods(["GET", "HEAD", "POST"])


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    person = visitor(request)
    shown = list(mine(person))
    duties = held_now(person) if shown else []
    absences = [described(absence, duties) for absence in shown]
    context = {
        "absences": absences,
        "stands_in": list(stood_in_for(person).select_related("person__unit")),
        "duties": duties,
    }
    return render(request, "away/list.html", context)


def held_now(person: Person) -> list[Duty]:
    """What this person holds, once whatever is due of it has gone to the next."""
    return fired_first(lambda: held(person), list)


def visitor(request: HttpRequest) -> Person:
    """Whoever is signed in, if this page concerns them; for anybody else it does not exist."""
    person = signed_in(request)
    if says_when_away(person) or mine(person).exists() or stood_in_for(person).exists():
        return person
    raise Http404


def mine(person: Person) -> AbsenceQuerySet:
    """This person's absences that are not over."""
    return Absence.objects.of(person).not_over(timezone.now()).select_related("deputy__unit", "person")


def stood_in_for(person: Person) -> AbsenceQuerySet:
    """Absences that are not over in which this person is the deputy of somebody who is still here."""
    return Absence.objects.deputised_by(person).not_over(timezone.now()).filter(person__is_active=True)


def described(absence: Absence, duties: Sequence[Duty]) -> dict[str, Any]:
    """An absence with what is doubtful about its deputy, and whether any of `duties` can go to them."""
    return {
        "absence": absence,
        "begun": absence.starts_at <= timezone.now(),
        "doubts": doubts(absence.person, absence.deputy, absence.starts_at, absence.ends_at),
        "can_take": bool(within_rank(duties, absence.deputy)),
    }


@form_page
def new(request: HttpRequest) -> HttpResponse:
    return _edit(request, visitor(request), None)


@form_page
def change(request: HttpRequest, absence_id: int) -> HttpResponse:
    person = visitor(request)
    return _edit(request, person, get_object_or_404(mine(person), pk=absence_id))


def _edit(request: HttpRequest, person: Person, absence: Absence | None) -> HttpResponse:
    """Shows what was filled in back once, with what is doubtful about it; only `confirmed` keeps it."""
    form = AwayForm(request.POST if request.method == "POST" else None, person=person, absence=absence)
    context = {"form": form, "absence": absence}
    if "find" in request.POST:
        form.errors.clear()
    elif form.is_valid() and "change" not in request.POST:
        if "confirmed" not in request.POST:
            return render(request, "away/check.html", context | _shown_back(person, form))
        if _kept(request, person, form):
            return redirect("away:list")
    return render(request, "away/form.html", context)


def _shown_back(person: Person, form: AwayForm) -> dict[str, Any]:
    said = form.stretch
    deputy = said.deputy.name_and_unit if said.deputy else "Nobody"
    rows = [("From", words.moment(said.starts_at)), ("To", words.moment(said.ends_at)), ("Who stands in", deputy)]
    return {
        "rows": [{"key": key, "value": value} for key, value in rows],
        "doubts": doubts(person, said.deputy, said.starts_at, said.ends_at),
        "looks_back": form.looks_back,
        "typed": form.typed(),
    }


def _kept(request: HttpRequest, person: Person, form: AwayForm) -> bool:
    try:
        if form.absence is None:
            going_away.declare(by=person, person=person, stretch=form.stretch)
        else:
            going_away.change(by=person, absence_id=form.absence.pk, stretch=form.stretch)
    except going_away.CannotBeAway as error:
        form.add_error(None, str(error))
        return False
    except Absence.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, "Your absence is recorded")
    return True


@require_POST
def end(request: HttpRequest, absence_id: int) -> HttpResponse:
    person = visitor(request)
    absence = get_object_or_404(mine(person), pk=absence_id)
    begun = absence.starts_at <= timezone.now()
    try:
        going_away.end(by=person, absence_id=absence.pk)
    except Absence.DoesNotExist as error:
        raise Http404 from error
    messages.success(request, "Your absence has ended" if begun else "Your absence is taken back")
    return redirect("away:list")


@form_page
def pass_duties(request: HttpRequest, absence_id: int) -> HttpResponse:
    """Choose which of the duties one holds go to the deputy now."""
    person = visitor(request)
    absence = get_object_or_404(mine(person).filter(deputy__is_active=True), pk=absence_id)
    posted = request.method == "POST"  # of a duty that has gone on meanwhile the answer says where it is
    duties = within_rank(held(person) if posted else held_now(person), absence.deputy)
    form = PassDutiesForm(request.POST if posted else None, held=duties, absence=absence)
    if absence.deputy is None or not form.is_valid():
        return render(request, "away/duties.html", {"form": form, "absence": absence})
    keys = [uuid.UUID(key) for key in form.cleaned_data["duties"]]
    outcome = hand_over(person=person, reports=keys, to=absence.deputy, reason=form.cleaned_data["reason"])
    if outcome.passed:
        passed = "1 duty" if outcome.passed == 1 else f"{outcome.passed} duties"
        messages.success(request, f"{passed} passed to {absence.deputy.name_and_unit}")
    for sentence in outcome.kept:
        messages.warning(request, sentence)
    return redirect("away:list")
