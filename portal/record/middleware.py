"""While the database is not the one that was signed, nothing is taken in: every form gets a page that keeps what was typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase

from portal.record import standing
from portal.record.standing import Reason, RecordReadOnly, Trouble
from portal.record.state import Unreadable
from portal.ui import errors

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
COMING_AND_GOING = frozenset(
    {"account_login", "account_logout", "account_reauthenticate", "mfa_authenticate", "mfa_reauthenticate", "admin_logout"}
)


class RefuseWhileReadOnly:
    """Stands inside `KeepWhatWasTyped` and after the checks of who it is: those have turned away whom they turn away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, args: Any, kwargs: Any) -> HttpResponse | None:
        if request.method in SAFE or (request.resolver_match and request.resolver_match.view_name in COMING_AND_GOING):
            return None
        found = standing.trouble()
        return read_only(request, found) if found else None

    def process_exception(self, request: HttpRequest, problem: Exception) -> HttpResponse | None:
        """Also where opening a page would have been recorded, and where a page reads the signer's state."""
        if isinstance(problem, RecordReadOnly):
            return read_only(request, problem.trouble)
        if isinstance(problem, Unreadable):
            return read_only(request, Trouble(Reason.UNREADABLE, str(problem)))
        return None


def read_only(request: HttpRequest, trouble: Trouble) -> HttpResponse:
    """Nothing was saved; what was typed is shown, ready to be sent again."""
    return errors.nothing_saved(request, "record/read_only.html", record_trouble=trouble, posted=request.method not in SAFE)
