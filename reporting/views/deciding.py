"""Asking for what takes two people in professional standards, and deciding: what the pages of such requests have in common."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from portal.people.access import signed_in
from portal.requests.answering import Find, Pages, View
from reporting.desk.deciding import could_decide
from reporting.models import Report
from reporting.views.scoping import not_found_unless_theirs, standards_only


def pages(find: Find, nothing: str) -> Pages:
    """`find` takes the request and a reference."""
    return Pages(find, _guard, home, nothing)


def home(report: Report) -> str:
    return reverse("standards:report", args=[report.reference])


def shown(request: HttpRequest, report: Report, asked: Any, page: str, **context: Any) -> HttpResponse:
    """The request as whoever asked sees it, or the second person. `page`: "erase" or "name"."""
    verbs = ("withdraw", "confirm", "refuse")
    context |= {"report": report, "asked": asked, "own": asked.asked_by_id == signed_in(request).pk}
    context |= {"others": could_decide(asked).exists(), "elsewhere": "in professional standards"}
    context |= {verb: reverse(f"standards:{page}_{verb}", args=[report.reference]) for verb in verbs}
    return render(request, f"reporting/standards/{page}_request.html", context)


def _guard(view: View) -> View:
    return standards_only(not_found_unless_theirs(view))
