"""Answer for a paper copy in a view: ask for it, wait for it, say that it is ready, give it. One address does all four."""

from __future__ import annotations

import uuid
from typing import Protocol, TypedDict

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import content_disposition_header

from portal.people.models import Person
from portal.receipts.models import Copy, CopyState
from portal.receipts.paper import copies


class Asked(TypedDict):
    """Which paper copy, as `copies` asks for it."""

    person: Person
    kind: str
    key: str


class Page(Protocol):
    """The page about a copy. `file`: where the PDF is, empty while it is not there. `copy`: how it stands then, None where nobody asked."""

    def __call__(self, *, file: str, copy: Copy | None) -> HttpResponse: ...


def answer(
    request: HttpRequest, asked: Asked, *, container: uuid.UUID | None, address: str, name: str, again_seconds: int, page: Page
) -> HttpResponse:
    """POST asks for the copy, GET waits for it and says when it is ready, and GET with ?file gives it.

    The caller has checked that this person may have it. `container`: where it is sealed, as `copies.want` takes it. `address`: of this
    view. `name`: of the PDF. `again_seconds`: how soon the waiting page looks again, by itself and without JavaScript.
    """
    if request.method == "POST":
        copies.want(**asked, container=container)
        return redirect(address)
    pdf = copies.ready(**asked)
    if "file" in request.GET:
        return redirect(address) if pdf is None else attachment(pdf, "application/pdf", name)
    file = "" if pdf is None else f"{address}?file"
    copy = None if file else copies.standing(**asked)
    response = page(file=file, copy=copy)
    if file:
        response["Refresh"] = f"0; url={file}"  # the download starts by itself, and the page stays
    elif copy is not None and copy.state == CopyState.WANTED:
        response["Refresh"] = str(again_seconds)
    return response


def attachment(data: bytes, kind: str, name: str) -> HttpResponse:
    """A file of one person's own: saved, and kept by no cache. `kind`: its media type."""
    disposition = content_disposition_header(True, name) or "attachment"
    return HttpResponse(data, content_type=kind, headers={"Content-Disposition": disposition, "Cache-Control": "private, no-store"})
