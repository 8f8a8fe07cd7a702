"""The public record: what anybody may know of it, which is its size, its signature, its keys and its age. It discloses hashes only."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.views.decorators.http import require_safe

from portal.record import keys, nightly, published
from portal.record.models import Checkpoint
from portal.record.notes import parse_key

SHOWN = 10
CACHED_SECONDS = 2  # as the checkpoint; signed in, the page names its reader and is theirs alone
RETIRED = "Retired: for receipts from before"


@dataclass(frozen=True, slots=True)
class ShownKey:
    """A key as the page shows it."""

    vkey: str
    use: str


@login_not_required
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    origin = published.origin()
    checkpoints = list(Checkpoint.objects.order_by("-id")[:SHOWN])
    retired = [ShownKey(vkey, RETIRED) for vkey in published.retired_keys()]
    shown = {
        "newest": checkpoints[0] if checkpoints else None,
        "checkpoints": checkpoints,
        "window": published.window(),
        "keys": [_shown(vkey, origin) for vkey in published.trusted_keys()] + retired,
        "origin": origin,
        "verified": nightly.last(),
    }
    page = render(request, "record/record.html", shown)
    patch_cache_control(page, max_age=CACHED_SECONDS, **{"private" if request.user.is_authenticated else "public": True})
    return page


def _shown(vkey: str, origin: str) -> ShownKey:
    portal = parse_key(vkey).name == keys.portal_name(origin)
    return ShownKey(vkey, "Promises and names" if portal else "Checkpoints")
