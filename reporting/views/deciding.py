"""Asking for what takes two people, and deciding: what the pages of every such request have in common."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.people.access import signed_in
from reporting.desk.deciding import CannotBeDone, could_decide
from reporting.models import Report
from reporting.views.scoping import not_found_unless_theirs, standards_only

Find = Callable[[HttpRequest, str], tuple[Report, Any]]
View = Callable[..., HttpResponse]


def could(form: forms.Form, do: Callable[[], object], field: str | None = None) -> bool:
    """Do what a form asks for if it is valid. What cannot be done is its error, at `field`."""
    if not form.is_valid():
        return False
    try:
        do()
    except CannotBeDone as error:
        form.add_error(field, str(error))
        return False
    return True


def pressing(find: Find, do: Callable[..., object], *, done: str, nothing: str) -> View:
    """A button: `do` is a verb that takes who and the key of what `find` found. Where it cannot be done, the report's page says so."""

    def press(request: HttpRequest, report: Report, asked: Any) -> HttpResponse:
        try:
            do(person=signed_in(request), key=asked.pk)
            messages.success(request, done)
        except CannotBeDone as error:
            messages.warning(request, str(error))
        return redirect("standards:report", reference=report.reference)

    return _posted(find, press, nothing)


def answering(
    find: Find, make: Callable[..., forms.Form], do: Callable[..., object], show: View, *, done: str, nothing: str, to: str = "report"
) -> View:
    """A form of the second person's: `make` takes what was posted and what was asked, and `do` is given what it was cleaned to as well."""

    def answer(request: HttpRequest, report: Report, asked: Any) -> HttpResponse:
        form = make(request.POST, asked)
        field = "reference" if "reference" in form.fields else None
        if not could(form, lambda: do(person=signed_in(request), key=asked.pk, **form.cleaned_data), field):
            return show(request, asked, form)
        if done:
            messages.success(request, done)
        return redirect(f"standards:{to}", reference=report.reference)

    return _posted(find, answer, nothing)


def shown(request: HttpRequest, asked: Any, page: str, **context: Any) -> HttpResponse:
    """The request as whoever asked sees it, or the second person. `page`: "erase" or "name"."""
    context |= {"report": asked.report, "asked": asked, "own": asked.asked_by_id == signed_in(request).pk}
    context |= {"others": could_decide(asked).exists()} | {verb: f"standards:{page}_{verb}" for verb in ("withdraw", "confirm", "refuse")}
    return render(request, f"reporting/standards/{page}_request.html", context)


def _posted(find: Find, then: Callable[[HttpRequest, Report, Any], HttpResponse], nothing: str) -> View:
    """For professional standards alone. Where there is nothing to decide any more, the report's page says so."""

    @require_POST
    @standards_only
    @not_found_unless_theirs
    def posted(request: HttpRequest, reference: str) -> HttpResponse:
        report, asked = find(request, reference)
        if asked is not None:
            return then(request, report, asked)
        messages.warning(request, f"{nothing} any more. Nothing was changed")
        return redirect("standards:report", reference=report.reference)

    return posted
