"""The WSGI application that granian serves."""

from __future__ import annotations

import os
from codecs import lookup
from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from django.core.wsgi import get_wsgi_application
from django.utils.http import parse_header_parameters

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")

_portal = get_wsgi_application()


def application(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """The portal. A request that names another charset than UTF-8 is refused here.

    Pages are UTF-8, and so is what browsers send back. Django reads a request as it says: by some of Python's codecs nothing is text,
    which ends in an error before any page is asked, and others make halves of characters.
    """
    if _is_utf8(environ.get("CONTENT_TYPE", "")):
        return _portal(environ, start_response)
    start_response("400 Bad Request", [("Content-Type", "text/plain; charset=utf-8"), ("X-Content-Type-Options", "nosniff")])
    return [b"The portal reads UTF-8 alone. Nothing was saved.\n"]


def _is_utf8(content_type: str) -> bool:
    try:
        return lookup(parse_header_parameters(content_type)[1].get("charset", "utf-8")).name == "utf-8"
    except (LookupError, ValueError):
        return False
