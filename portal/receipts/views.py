"""My receipts: all of them, one of them, and the file. Somebody else's does not exist."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.people.access import signed_in
from portal.receipts import kinds, listing, making, printing, words
from portal.receipts.disclosing import FILE, disclosed
from portal.receipts.kinds import Offer
from portal.receipts.models import Copy, CopyState
from portal.receipts.paper.answering import answer, attachment
from portal.record.notes import NOTE
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
        "log_keys": [str(key) for key in covering.keys if key.name == covering.origin and key.kind == NOTE] if covering else [],
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
    return attachment(made.data, "application/json", making.file_name(offer))


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, fact_id: int) -> HttpResponse:
    """The receipt as a signed PDF."""
    offer = offered(request, fact_id)

    def page(*, file: str, copy: Copy | None) -> HttpResponse:
        if not file and copy is None:
            return redirect("receipts:receipt", fact_id)
        wanted = copy is not None and copy.state == CopyState.WANTED
        return render(request, "receipts/paper.html", {"offer": offer, "file": file, "wanted": wanted})

    return answer(
        request,
        {"person": signed_in(request), "kind": printing.KIND, "key": str(fact_id)},
        container=None if offer.erased else offer.container,
        address=reverse("receipts:paper", args=[fact_id]),
        name=making.file_name(offer).replace(".receipt.json", ".pdf"),
        again_seconds=2,
        page=page,
    )


def offered(request: HttpRequest, fact_id: int) -> Offer:
    """What this person may have a receipt of; anything else is a 404."""
    offer = kinds.offer(signed_in(request), fact_id)
    if offer is None:
        raise Http404
    return offer
