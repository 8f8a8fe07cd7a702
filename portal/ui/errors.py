"""What people see when something can't be done: one calm page for each reason, each saying what to do next."""

from __future__ import annotations

import re
import sys
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation, TooManyFieldsSent, TooManyFilesSent
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.middleware.csrf import get_token
from django.shortcuts import redirect
from django.template.loader import render_to_string
from psycopg.errors import ReadOnlySqlTransaction

from portal.people import browsers
from portal.people.models import Person
from portal.record import standing
from portal.ui import resuming
from portal.ui.context import SERVICE_NAME, assets, footer

TOO_BIG = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)
SHORT = 20  # what is no longer is soon typed again
KEY = re.compile(r"[0-9a-f-]{32,}")  # a key or a hash that the page sent along: nobody wrote it
PLAIN = (
    '<!DOCTYPE html><html lang="en-GB"><head><meta charset="utf-8"><title>Something went wrong – Candour</title></head><body><h1>'
    "Something went wrong here</h1><p>Go back and try again. If it goes on, tell the service desk.</p></body></html>"
)


def bare(template: str, status: int, **context: Any) -> HttpResponse:
    """A page that asks neither the session nor the database anything. That the record is read-only it says as this process knows it."""
    look = {"service_name": SERVICE_NAME, "force_name": settings.FORCE_NAME, "demo": settings.DEMO}
    try:
        made = {"assets": assets(), "footer": footer(settings.FORCE_NAME, False), "record_trouble": standing.known()}
        return HttpResponse(render_to_string(template, {**look, **made, **context}), status=status)
    except Exception:  # noqa: BLE001 the page about a failure must not fail
        return HttpResponse(PLAIN, status=status)


def page(request: HttpRequest, template: str, status: int, **context: Any) -> HttpResponse:
    return HttpResponse(render_to_string(template, context, request), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    if isinstance(exception, TOO_BIG):
        return bare("413.html", 413)
    return bare("400.html", 400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "403.html", 403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return page(request, "404.html", 404, written=_sent(request))


def _sent(request: HttpRequest) -> list[str]:
    """What was written to a page that is not there for its writer. What comes to no address, or from a machine, may be no form."""
    try:
        return written(request) if request.resolver_match else []
    except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
        return []


def server_error(request: HttpRequest) -> HttpResponse:
    problem = sys.exc_info()[1]
    return bare("503.html", 503, posted=request.method == "POST") if is_database_away(problem) else bare("500.html", 500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponseBase:
    """The form was older than the sign-in. What was typed comes back in a fresh copy of the same page."""
    person = getattr(request, "user", None)
    if isinstance(person, Person) and resuming.worth_keeping(request):
        answer = redirect(request.get_full_path())
        resuming.keep(request, answer, browsers.mark(person))
        return answer
    return page(request, "403_csrf.html", 403)


def is_database_away(problem: BaseException | None) -> bool:
    """Whether an error means that the database is read-only or can't be reached, rather than that the code is wrong."""
    if isinstance(problem, OperationalError | InterfaceError):
        return True
    return isinstance(problem, DatabaseError) and isinstance(problem.__cause__, ReadOnlySqlTransaction)


def database_away(request: HttpRequest) -> HttpResponse:
    """Nothing was saved; what was typed is shown, ready to be sent again."""
    return nothing_saved(request, "503.html", posted=request.method == "POST")


def send_again(request: HttpRequest, fields: resuming.Fields) -> HttpResponse:
    """What was typed before the sign-in ran out, with a button that sends it: for an address that has no page to put it back into."""
    return page(request, "resumed.html", 200, **_typed_again(request, fields, get_token(request)))


def nothing_saved(request: HttpRequest, template: str, **context: Any) -> HttpResponse:
    """A 503 page that shows what was typed. It asks neither the session nor the database anything."""
    typed = _typed_again(request, resuming.typed(request), request.POST.get("csrfmiddlewaretoken", ""))
    return bare(template, 503, **typed, **context)


def _typed_again(request: HttpRequest, fields: resuming.Fields, token: str) -> dict[str, Any]:
    """What `_typed_again.html` needs to be sent to the same address."""
    return {"fields": fields, "written": _long_ones(fields), "path": request.get_full_path(), "token": token}


def written(request: HttpRequest) -> list[str]:
    """What somebody wrote into the form that was sent, and would be sorry to lose."""
    return _long_ones(resuming.typed(request))


def _long_ones(fields: resuming.Fields) -> list[str]:
    return [value for _, value in fields if len(value) > SHORT and not KEY.fullmatch(value)]
