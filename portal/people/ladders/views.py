"""Broken ladders as a page for professional standards, as one of the admin, and as a file."""

from __future__ import annotations

import csv
import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from portal.imports.exporting import Line, spelled
from portal.people.access import role_required, signed_in
from portal.people.ladders.findings import Fault, Finding, look, looked_at
from portal.people.models import Role

MOST = 10  # of one kind on a page; all are in the file
COUNTED_BY_PEOPLE = (Fault.UNREACHED, Fault.LEFT_MANAGER, Fault.NO_MANAGER)  # named after people, of whom one line may tell many
SEEN_BY = (Role.PROFESSIONAL_STANDARDS, Role.ADMINISTRATOR)


@require_safe
@role_required(*SEEN_BY)
def page(request: HttpRequest) -> HttpResponse:
    return render(request, "people/ladders.html", context(request))


@require_safe
@role_required(*SEEN_BY)
def file(request: HttpRequest) -> StreamingHttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="broken-ladders-{timezone.localdate():%Y-%m-%d}.csv"'}
    return StreamingHttpResponse(lines(look()), content_type="text/csv; charset=utf-8", headers=headers)


def context(request: HttpRequest) -> dict[str, Any]:
    """What both pages show. `mends`: whether this person may follow the links to the admin."""
    found = look()
    person = signed_in(request)
    return {
        "kinds": list(by_kind(found)),
        "total": len(found),
        "looked_at": looked_at(),
        "standards": person.has_role(Role.PROFESSIONAL_STANDARDS),
        "mends": person.is_staff and person.has_perm("people.change_person"),
    }


def by_kind(found: Sequence[Finding]) -> Iterator[dict[str, Any]]:
    for fault, group in itertools.groupby(found, key=lambda finding: finding.fault):
        every = list(group)
        number = sum(finding.people for finding in every) if fault in COUNTED_BY_PEOPLE else len(every)
        yield {"name": fault.label, "number": number, "shown": every[:MOST], "more": max(len(every) - MOST, 0)}


def lines(found: Sequence[Finding]) -> Iterator[str]:
    writer = csv.writer(Line())
    yield writer.writerow(["what", "where", "says", "people", "link"])
    for finding in found:
        link = f"{settings.BASE_URL}{finding.link}"
        yield writer.writerow([spelled(cell) for cell in (finding.fault.label, finding.where, finding.says, finding.people, link)])
