"""Signing in: allauth's backend, with the person, unit and roles loaded in one query, and no way to register oneself."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from allauth.account.utils import get_next_redirect_url
from allauth.account.views import logout
from allauth.core import context
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect

from portal.notices import here
from portal.people import browsers
from portal.people.access import signed_in
from portal.people.loading import COLUMNS, WIDTH, WITH_UNIT, person_of
from portal.people.models import Person
from portal.postgres.base import one

if TYPE_CHECKING:
    from allauth.usersessions.models import UserSession

log = logging.getLogger(__name__)

# Written by hand: it runs at every request, and building it afresh would cost more than the database's answer.
WHO = f"""
SELECT {COLUMNS}, ARRAY(
    SELECT role.name FROM auth_group AS role JOIN people_person_groups AS has ON has.group_id = role.id WHERE has.person_id = person.id
)
FROM {WITH_UNIT} WHERE person.id = %s AND person.is_active
"""  # noqa: S608 - names of columns


class PersonBackend(AuthenticationBackend):  # type: ignore[misc]
    def get_user(self, user_id: Any) -> Person | None:
        """The signed-in person, read from the database at every request so that deactivation takes effect at once."""
        found = one(WHO, [user_id])
        if found is None:
            return None
        person = person_of(found)
        person.roles = frozenset(found[WIDTH])
        return person


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That email and password don't match. Check both and try again",
        "too_many_login_attempts": "Too many wrong passwords were tried. Wait 5 minutes and try again",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """People come from the directory import alone."""
        return False

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """As allauth's, but a mail server that is away shows nobody an error: the answer is the same for known and unknown addresses."""
        try:
            super().send_mail(template_prefix, email, context)
        except OSError as problem:  # smtplib's errors are among them, and may quote the address
            log.warning("A sign-in letter could not be sent: %s", type(problem).__name__)

    def post_login(self, request: HttpRequest, user: Person, **about: Any) -> HttpResponse:
        answer: HttpResponse = super().post_login(request, user, **about)
        browsers.remember(answer, user)
        here.signed_in(request, user)
        return answer

    def logout(self, request: HttpRequest) -> None:
        here.signed_out(request, signed_in(request))
        super().logout(request)


class SessionsAdapter(DefaultUserSessionsAdapter):  # type: ignore[misc]
    def end_sessions(self, sessions: Sequence[UserSession]) -> None:
        """Whoever signs out everywhere else, having lost a phone, is told nothing on it either, also where no session is left."""
        if not any(session.is_current() for session in sessions):
            here.signed_out_elsewhere(context.request, signed_in(context.request))
        super().end_sessions(sessions)


class StepAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "That code doesn't work. Enter the one your app shows now",
    }


@wraps(logout)
def sign_out(request: HttpRequest) -> HttpResponse:
    """Where a browser kept pages to go back to at once, whoever comes to it next is shown none of them."""
    answer: HttpResponse = logout(request)
    if not request.user.is_authenticated:
        answer["Clear-Site-Data"] = '"cache"'
    return answer


def staff_door(request: HttpRequest) -> HttpResponse:
    """Where Django admin sends people with no right to it. Its own form would leave guessing unslowed and skip the second step."""
    if not signed_in(request).is_staff:
        raise Http404
    return redirect(get_next_redirect_url(request) or "admin:index")
