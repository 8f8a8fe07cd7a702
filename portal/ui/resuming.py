"""Nothing typed is lost when a sign-in ends first: the fields are kept sealed for half an hour and put back into the same form.

The sealed text lies in the session; the key to it only in a cookie of the browser that typed it. So neither the database nor a
stolen cookie alone can show it. Passwords and files are never kept. The fields come back only on the address they were meant for,
and only to the person who signed in last on this browser before they were typed: when anybody else signs in they are destroyed, and
where nobody is known they are not kept at all.
"""

from __future__ import annotations

import json
import re
from html import escape, unescape
from typing import Any

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from portal.people import browsers
from portal.people.models import Person

COOKIE, SESSION, SECONDS = "candour_resume", "resume", 30 * 60
MOST = 200_000
NEVER = re.compile(r"password|csrfmiddlewaretoken|^next$", re.IGNORECASE)
ELSEWHERE = re.compile(r"/accounts/|/admin/(?!.*/(?:add|change)/$)")  # of the admin, what is written about one row alone

Fields = list[tuple[str, str]]


def typed(request: HttpRequest) -> Fields:
    """The text fields of a POST, in order; of other requests none."""
    return [(name, value) for name, values in request.POST.lists() if not NEVER.search(name) for value in values]


def worth_keeping(request: HttpRequest) -> bool:
    if request.method != "POST" or ELSEWHERE.match(request.path):
        return False
    fields = typed(request)
    return any(value.strip() for _, value in fields) and sum(len(value) for _, value in fields) <= MOST


def keep(request: HttpRequest, answer: HttpResponseBase, whose: str) -> None:
    """Seal what was typed until the person with this mark opens the same page again."""
    key = Fernet.generate_key()
    sealed = Fernet(key).encrypt(json.dumps(typed(request)).encode("utf-8", "replace"))
    request.session[SESSION] = {"path": request.path, "whose": whose, "sealed": sealed.decode()}
    answer.set_cookie(COOKIE, key.decode(), max_age=SECONDS, httponly=True, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")


def kept(request: HttpRequest, person: Person) -> Fields:
    """What this person typed on this page, once. What somebody else typed is destroyed; nothing if too old or another browser's."""
    waiting = request.session.get(SESSION)
    theirs = waiting and browsers.is_mark_of(waiting.get("whose", ""), person)
    if not waiting or (theirs and waiting["path"] != request.path):
        return []
    del request.session[SESSION]
    return opened(waiting["sealed"], request.COOKIES.get(COOKIE, "")) if theirs else []


def opened(sealed: str, key: str) -> Fields:
    try:
        fields = Fernet(key.encode()).decrypt(sealed.encode(), ttl=SECONDS)
    except (InvalidToken, ValueError):
        return []
    return [(name, value) for name, value in json.loads(fields)]


# --- Putting it back -----------------------------------------------------------------------------------------------------------

CONTROL = re.compile(
    r"<input\b(?P<input>[^>]*)>|<textarea\b(?P<area>[^>]*)>.*?</textarea>|<select\b(?P<select>[^>]*)>(?P<options>.*?)</select>", re.DOTALL
)
OPTION = re.compile(r'<option\b[^>]*?value="([^"]*)"[^>]*>')
ATTRIBUTE = re.compile(r'([\w-]+)(?:="([^"]*)")?')
LEFT_ALONE = {"hidden", "password", "file", "submit", "button"}


def attributes(tag: str) -> dict[str, str]:
    return {name: unescape(value) for name, value in ATTRIBUTE.findall(tag)}


def without(tag: str, name: str) -> str:
    return re.sub(rf'\s{name}(="[^"]*")?(?=[\s/>]|$)', "", tag)


def fill(html: str, fields: Fields) -> str:
    """A page with what was typed put into its controls. Hidden fields, passwords and files stay as the page made them."""
    values: dict[str, list[str]] = {}
    for name, value in fields:
        values.setdefault(name, []).append(value)
    return CONTROL.sub(lambda found: filled(found, values), html)


def filled(found: re.Match[str], values: dict[str, list[str]]) -> str:
    tag = found["input"] or found["area"] or found["select"] or ""
    about = attributes(tag)
    name, kind = about.get("name", ""), about.get("type", "")
    if kind in {"radio", "checkbox"} and values:
        return f"<input{without(tag, 'checked')}{' checked' if about.get('value', 'on') in values.get(name, []) else ''}>"
    if name not in values or kind in LEFT_ALONE:
        return found[0]
    return written(found, tag, values[name])


def written(found: re.Match[str], tag: str, values: list[str]) -> str:
    if found["input"] is not None:
        return f'<input{without(tag, "value")} value="{escape(values.pop(0) if len(values) > 1 else values[0])}">'
    if found["area"] is not None:
        return f"<textarea{tag}>\n{escape(values[0])}</textarea>"
    return f"<select{tag}>{OPTION.sub(lambda option: chosen(option, values), found['options'])}</select>"


def chosen(option: re.Match[str], values: list[str]) -> str:
    plain = without(option[0][:-1], "selected")
    return f"{plain}{' selected' if unescape(option[1]) in values else ''}>"


def put_back(response: Any, fields: Fields) -> bool:
    """Fill the forms of a page. False where the response is none."""
    if response.status_code != 200 or response.streaming or not response["Content-Type"].startswith("text/html"):
        return False
    response.content = fill(response.content.decode(), fields).encode()
    return True
