"""Notifications in the browser that a request comes from: they end with the sign-in there, on a shared computer and on one's own phone.

A signed cookie names the browser's subscription. It outlives the session, so that a sign-out ends what an earlier session turned on.
"""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseBase

from portal.notices import preferring
from portal.notices.models import Subscription
from portal.people import browsers
from portal.people.models import Person
from portal.record import standing

COOKIE = "candour_notifications"
PURPOSE = "portal.notices.here"


def remember(answer: HttpResponseBase, subscription: Subscription) -> None:
    browsers.keep(answer, COOKIE, str(subscription.pk), PURPOSE)


def signed_out(request: HttpRequest, person: Person) -> None:
    """This browser shows this person's notifications no longer."""
    if key := _key(request):
        preferring.unsubscribe(person=person, subscription_id=key)


def signed_in(request: HttpRequest, person: Person) -> None:
    """Somebody else who left this browser without signing out is told nothing in it any more."""
    if key := _key(request):
        preferring.leave_to(person=person, subscription_id=key)


def signed_out_elsewhere(request: HttpRequest, person: Person) -> None:
    """Other browsers show this person's notifications no longer."""
    if standing.trouble() is None:
        preferring.unsubscribe_others(person=person, but=_key(request))


def _key(request: HttpRequest) -> int:
    """0 where this browser shows none, or where nothing can be changed now: signing in and out go on while the portal is read-only."""
    kept = request.get_signed_cookie(COOKIE, default="", salt=PURPOSE) or ""
    return int(kept) if kept and standing.trouble() is None else 0
