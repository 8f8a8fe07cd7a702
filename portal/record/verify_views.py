"""Checking a receipt: a page that does it in the visitor's browser, and the file that does it anywhere. The portal is sent nothing."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.record import published
from portal.record.verifier import candour_verify

VERIFIER = Path(candour_verify.__file__)


@login_not_required
@require_safe
def verify(request: HttpRequest) -> HttpResponse:
    """The page carries the keys to trust, those that signed once among them, and the verifier's sentences."""
    keys = [*published.trusted_keys(), *published.retired_keys()]
    shown = {"keys": keys, "sentences": candour_verify.SENTENCES, "why": candour_verify.WHY}
    return render(request, "record/verify.html", shown)


@login_not_required
@require_safe
@cache_control(public=True, max_age=3600)
def verifier(request: HttpRequest) -> HttpResponse:
    """`candour_verify.py`, byte for byte."""
    return HttpResponse(_source(), content_type="text/x-python; charset=utf-8", headers={"Content-Disposition": "inline"})


@cache
def _source() -> bytes:
    return VERIFIER.read_bytes()
