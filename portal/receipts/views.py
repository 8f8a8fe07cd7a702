"""My receipts: all of them, one of them, and the file. Somebody else's does not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.people.access import signed_in
from portal.receipts import kinds, listing, making, words
from portal.receipts.disclosing import FILE, disclosed
from portal.receipts.kinds import Offer
from portal.record.tiles import Missing
from portal.ui.paging import Pages

GROUPS = 10


@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    page = Pages(listing.Groups(person), GROUPS).get_page(request.GET.get("page"))
    return render(request, "receipts/list.html", {"page": page, "sections": listing.sections(person, list(page))})


@require_safe
def one(request: HttpRequest, fact_id: int) -> HttpResponse:
    offer = offered(request, fact_id)
    covering = words.covering(offer.fact.leaf_index) if offer.fact.leaf_index is not None else None
    context = {
        "offer": offer,
        "fact": offer.fact,
        "title": making.title(offer),
        "covering": covering,
        "log_keys": [str(key) for key in covering.keys if key.name == covering.origin] if covering else [],
        "witnesses": sorted({key.name for key in covering.keys if key.name != covering.origin}) if covering else [],
        "disclosed": list(disclosed(offer, files=False).values()),
        "files": sum(name.startswith(FILE) for name in offer.sealed),
    }
    return render(request, "receipts/receipt.html", context)


@require_safe
def download(request: HttpRequest, fact_id: int) -> HttpResponse:
    """The best receipt there is now, as a file."""
    offer = offered(request, fact_id)
    try:
        made = making.receipt(offer, disclosed(offer))
    except Missing:
        return render(request, "receipts/no_proof.html", {"offer": offer}, status=503)
    return HttpResponse(
        made.data,
        content_type="application/json",
        headers={"Content-Disposition": f'attachment; filename="{making.file_name(offer)}"', "Cache-Control": "private, no-store"},
    )


def offered(request: HttpRequest, fact_id: int) -> Offer:
    """What this person may have a receipt of; anything else is a 404."""
    offer = kinds.offer(signed_in(request), fact_id)
    if offer is None:
        raise Http404
    return offer
