"""The public log (c2sp.org/tlog-tiles@v1.0.0): the newest checkpoint, tiles of hashes, and the keys to trust.

Entries are not served: a fact holds keys of people. Who may read one has it in a receipt, a statement or an auditor's export.
"""

from __future__ import annotations

import re

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.record import places, published, tiles

NUMBER = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")
TEXT = "text/plain; charset=utf-8"


@login_not_required
@require_safe
@cache_control(public=True, max_age=2)
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The newest signed checkpoint with its cosignatures; 404 before the first."""
    newest = published.newest()
    if newest is None:
        raise Http404
    return HttpResponse(published.full_note(newest), content_type=TEXT)


@login_not_required
@require_safe
@cache_control(public=True, max_age=31_536_000, immutable=True)
def tile(request: HttpRequest, level: str, place: str, width: str = "256") -> HttpResponse:
    """One tile of a signed tree, whole or, as a partial tile, the first `width` hashes of it; 404 beyond what was signed."""
    height, number, many = int(level), _number(place), int(width)
    newest = published.newest()
    if newest is None or many > tiles.WIDTH or height >= tiles.LEVELS:
        raise Http404
    if number * tiles.WIDTH + many > newest.size >> tiles.WIDTH_BITS * height:
        raise Http404
    return HttpResponse(places.tiles().tile(height, number, many), content_type="application/octet-stream")


@login_not_required
@require_safe
@cache_control(public=True, max_age=60)
def trusted_keys(request: HttpRequest) -> HttpResponse:
    """The vkeys to trust, one a line: the log's, then the portal's; then, as comments, those that signed once and sign no more."""
    retired = [f"# retired: {key}" for key in published.retired_keys()]
    return HttpResponse("".join(f"{line}\n" for line in [*published.trusted_keys(), *retired]), content_type=TEXT)


def _number(place: str) -> int:
    """`x001/x234/067` as 1234067, in its one spelling. Raises Http404."""
    if len(place) > 40 or not NUMBER.fullmatch(place) or place.startswith("x000"):
        raise Http404
    return int(place.replace("x", "").replace("/", ""))
