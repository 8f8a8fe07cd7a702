"""Whose browser this is: a cookie says who signed in here last, so that nobody is handed what a colleague was writing.

The cookie holds a random salt and a keyed hash of the person, signed. Without the portal's key it names nobody, two browsers of one
person can't be matched by it, and no stranger can make one up. It opens nothing: it is only compared with who signs in next.
"""

from __future__ import annotations

from secrets import token_hex

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils.crypto import constant_time_compare, salted_hmac

from portal.people.models import Person

COOKIE = "candour_browser"
SECONDS = 400 * 24 * 60 * 60  # the longest that browsers keep a cookie
PURPOSE = "portal.people.browsers"

# What a browser says of itself, in words. The first that fits counts: most also claim to be the ones below them.
PROGRAMS = [("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"), ("FxiOS", "Firefox")]
PROGRAMS += [("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Safari", "Safari")]
MACHINES = [("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("CrOS", "Chromebook")]
MACHINES += [("Macintosh", "Mac"), ("Linux", "Linux")]


def mark(person: Person, salt: str = "") -> str:
    """One of many marks of this person: a new one, or the one with this salt."""
    salt = salt or token_hex(8)
    return f"{salt}.{salted_hmac(PURPOSE, f'{salt}.{person.pk}', algorithm='sha256').hexdigest()}"


def remember(answer: HttpResponseBase, person: Person) -> None:
    """Note in this browser that this person signed in."""
    keep(answer, COOKIE, mark(person), PURPOSE)


def keep(answer: HttpResponseBase, name: str, value: str, purpose: str) -> None:
    """A signed cookie that stays with this browser."""
    kept = {"max_age": SECONDS, "httponly": True, "secure": settings.SESSION_COOKIE_SECURE, "samesite": "Lax"}
    answer.set_signed_cookie(name, value, salt=purpose, **kept)


def last_here(request: HttpRequest) -> str:
    """The mark of who signed in here last; empty if nobody is known or the cookie isn't the portal's."""
    return request.get_signed_cookie(COOKIE, default="", salt=PURPOSE) or ""


def is_mark_of(marked: str, person: Person) -> bool:
    return constant_time_compare(marked, mark(person, marked.partition(".")[0]))


def described(user_agent: str) -> str:
    """ "Chrome on Android", as far as the browser says."""
    program = next((name for told, name in PROGRAMS if told in user_agent), "Unknown browser")
    machine = next((name for told, name in MACHINES if told in user_agent), "")
    return f"{program} on {machine}" if machine else program
