"""My receipts: all of them, one of them, and the file. Somebody else's does not exist."""

from __future__ import annotations

from typing import TypedDict

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.people.access import signed_in
from portal.people.models import Person
from portal.receipts import kinds, listing, making, printing, words
from portal.receipts.disclosing import FILE, disclosed
from portal.receipts.kinds import Offer
from portal.receipts.models import CopyState
from portal.receipts.paper import copies
from portal.record.notes import NOTE
from portal.record.tiles import Missing
from portal.ui.paging import Pages

GROUPS = 10


class Asked(TypedDict):
    """Which paper copy, as `portal.receipts.paper.copies` asks for it."""

    person: Person
    kind: str
    key: str


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
    return _file(made.data, "application/json", making.file_name(offer))


@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, fact_id: int) -> HttpResponse:
    """The receipt as a signed PDF: POST asks for it, GET waits for it and says when it is ready, and GET with ?file gives it."""
    person, offer = signed_in(request), offered(request, fact_id)
    asked: Asked = {"person": person, "kind": printing.KIND, "key": str(fact_id)}
    if request.method == "POST":
        copies.want(**asked, container=None if offer.erased else offer.container)
        return redirect("receipts:paper", fact_id)
    if (pdf := copies.ready(**asked)) is not None:
        if "file" in request.GET:
            return _file(pdf, "application/pdf", making.file_name(offer).replace(".receipt.json", ".pdf"))
        file = f"{reverse('receipts:paper', args=[fact_id])}?file"
        response = render(request, "receipts/paper.html", {"offer": offer, "file": file})
        response["Refresh"] = f"0; url={file}"  # the download starts by itself, and this page stays
        return response
    if "file" in request.GET:
        return redirect("receipts:paper", fact_id)
    copy = copies.standing(**asked)
    if copy is None:
        return redirect("receipts:receipt", fact_id)
    wanted = copy.state == CopyState.WANTED
    response = render(request, "receipts/paper.html", {"offer": offer, "wanted": wanted})
    if wanted:
        response["Refresh"] = "2"  # the browser asks again by itself, with or without JavaScript
    return response


def offered(request: HttpRequest, fact_id: int) -> Offer:
    """What this person may have a receipt of; anything else is a 404."""
    offer = kinds.offer(signed_in(request), fact_id)
    if offer is None:
        raise Http404
    return offer


def _file(data: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return HttpResponse(data, content_type=kind, headers=headers)
