"""Keeps what people typed: when their sign-in has run out, and when the database can't take it just now."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import resolve_url

from portal.people import browsers
from portal.ui import errors, resuming

BACK_AGAIN = "This had not been sent. What you wrote is back: check it, choose any files again, and send it."


class KeepWhatWasTyped:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response
        self.sign_in = resolve_url(settings.LOGIN_URL)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method == "POST":
            return self.posted(request)
        if request.method == "GET" and resuming.COOKIE in request.COOKIES:
            return self.opened(request)
        return worded(request, self.get_response(request))

    def posted(self, request: HttpRequest) -> HttpResponseBase:
        """A sign-in page as the answer to a form means that the session ran out: keep what the form held."""
        answer = self.get_response(request)
        turned_away = answer.status_code == 302 and answer["Location"].startswith(self.sign_in) and not request.user.is_authenticated
        if turned_away and (whose := browsers.last_here(request)) and resuming.worth_keeping(request):
            resuming.keep(request, answer, whose)
        return worded(request, answer)

    def opened(self, request: HttpRequest) -> HttpResponseBase:
        """The same page, opened after signing in: put back what was kept. Where a form has no page of its own, or it is gone, show it."""
        fields = resuming.kept(request, request.user) if request.user.is_authenticated else []
        if fields:
            messages.info(request, BACK_AGAIN)
        answer = self.get_response(request)
        if fields:
            if not resuming.put_back(answer, fields):
                answer = errors.send_again(request, fields)
            answer.delete_cookie(resuming.COOKIE)
        return answer

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        return errors.database_away(request) if errors.is_database_away(problem) else None


def worded(request: HttpRequest, answer: HttpResponseBase) -> HttpResponseBase:
    """A page in place of Django's empty "method not allowed"."""
    if answer.status_code != 405 or not isinstance(answer, HttpResponse) or answer.content:
        return answer
    page = errors.page(request, "405.html", 405)
    page.headers["Allow"] = answer.headers.get("Allow", "")
    return page
