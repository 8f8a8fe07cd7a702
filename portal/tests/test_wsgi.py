"""What is refused before Django reads it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest

from portal.wsgi import application


def status_of(content_type: str, query: str = "said=%5Cud800") -> str:
    environ: dict[str, Any] = {"CONTENT_TYPE": content_type, "QUERY_STRING": query, "PATH_INFO": "/health/live"}
    setup_testing_defaults(environ)
    told: list[str] = []

    def start_response(status: str, _headers: Iterable[tuple[str, str]], *_: Any) -> Any:
        told.append(status)

    application(environ, start_response)
    return told[0]


@pytest.mark.parametrize(
    "named", ["hex", "zlib", '"hex"', "idna", "utf-7", "unicode_escape", "utf-16", "latin-1", "no-such-charset", "\x00"]
)
def test_a_charset_that_no_page_has_is_refused_in_words_and_not_by_an_error(named: str) -> None:
    assert status_of(f"multipart/form-data; boundary=x; charset={named}") == "400 Bad Request"


@pytest.mark.parametrize("named", ["charset*=hex''x", "charset*=no-such''x", "charset*=utf-8''hex"])
def test_a_charset_that_is_spelt_in_pieces_is_refused_too(named: str) -> None:
    assert status_of(f"text/plain; {named}") == "400 Bad Request"


@pytest.mark.parametrize(
    "content_type", ["", "text/plain", "text/plain; charset=utf-8", 'text/plain; charset="UTF8"', "; ;;=", "a" * 20_000]
)
def test_utf_8_is_read_however_it_is_spelt_and_where_nothing_is_said(content_type: str) -> None:
    assert status_of(content_type) == "200 OK"
