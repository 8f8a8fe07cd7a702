"""The public log (c2sp.org/tlog-tiles@v1.0.0): the newest checkpoint, tiles of hashes, and the keys to trust.

Each shard of the log has addresses of its own, `/record/<number>/checkpoint` and `/record/<number>/tile/…`, for as long as its files are
kept: from the second on that is the log's origin, as tlog-tiles would have it. The addresses without a number follow the shard
that signs now, so caches keep what is there for a moment only.

Entries are not served: a fact holds keys of people. Who may read one has it in a receipt, a statement or an auditor's export.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.cache import patch_cache_control
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from portal.record import places, published, state, tiles

NUMBER = re.compile(r"(?:x[0-9]{3}/)*[0-9]{3}")
TEXT = "text/plain; charset=utf-8"


@login_not_required
@require_safe
@cache_control(public=True, max_age=2)
def checkpoint(request: HttpRequest, shard: str = "") -> HttpResponse:
    """The newest signed checkpoint with its cosignatures, or the last one of a shard that was ended; 404 before the first."""
    return HttpResponse(_shard(shard).note, content_type=TEXT)


@login_not_required
@require_safe
def tile(request: HttpRequest, level: str, place: str, width: str = "256", shard: str = "") -> HttpResponse:
    """One tile of a signed tree, whole or, as a partial tile, the first `width` hashes of it; 404 beyond what was signed."""
    height, number, many, found = int(level), _number(place), int(width), _shard(shard)
    if many > tiles.WIDTH or height >= tiles.LEVELS or number * tiles.WIDTH + many > found.size >> tiles.WIDTH_BITS * height:
        raise Http404
    try:
        answer = HttpResponse(found.tiles.tile(height, number, many), content_type="application/octet-stream")
    except tiles.Missing as error:
        raise Http404 from error
    kept: dict[str, Any] = {"max_age": 31_536_000, "immutable": True} if shard else {"max_age": 60}
    patch_cache_control(answer, public=True, **kept)
    return answer


@dataclass(frozen=True, slots=True)
class Shard:
    """What one shard has signed: its size, its last note and its tiles."""

    size: int
    note: str
    tiles: tiles.Tiles


def _shard(number: str) -> Shard:
    """The shard of this number, or without one the shard that signs now. Raises Http404."""
    newest, now = published.newest(), str(state.read(places.state()).shard)
    if number not in ("", now):
        home = places.shards() / number
        ended = state.read(home / places.state().name)
        if not ended.note:
            raise Http404
        return Shard(ended.size, ended.note, tiles.Tiles(home / "tiles"))
    if newest is None:
        raise Http404
    return Shard(newest.size, published.full_note(newest), places.tiles())


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
