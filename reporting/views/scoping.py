"""Reports a request may reach on the duty side. Whatever is not this person's does not exist for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import ParamSpec

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404

from portal.people.access import signed_in
from portal.people.models import Person, Role
from portal.vault.sealing import Erased
from reporting import contents, holding
from reporting.contents import Contents
from reporting.models import Attachment, Duty, Report
from reporting.references import tidy

P = ParamSpec("P")
Scope = Callable[[Person], QuerySet[Report]]


def as_holder(person: Person) -> QuerySet[Report]:
    """Reports whose duty they hold or held."""
    return Report.objects.held_by(person)


def as_standards(person: Person) -> QuerySet[Report]:
    """Every report they are not excluded from, for professional standards alone."""
    return Report.objects.known_to(person) if person.has_role(Role.PROFESSIONAL_STANDARDS) else Report.objects.none()


def reach(request: HttpRequest, reference: str, scope: Scope) -> Report:
    """The report with this reference, however it was typed."""
    return get_object_or_404(scope(signed_in(request)).select_related("unit", "reporter__unit"), reference=tidy(reference) or "-")


def not_found_unless_theirs(view: Callable[P, HttpResponse]) -> Callable[P, HttpResponse]:
    """A verb that finds the report is not this person's answers like an address that does not exist."""

    @wraps(view)
    def checked(*args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        try:
            return view(*args, **kwargs)
        except (holding.NotYours, Report.DoesNotExist) as error:
            raise Http404 from error

    return checked


def seen_by(person: Person, report: Report, *, now_theirs: bool) -> Contents | None:
    """The report's contents, for a former holder without files that came after their duty; None once erased."""
    try:
        read = contents.read(report)
    except Erased:
        return None
    if now_theirs:
        return read
    files = set(files_of(person, report).values_list("pk", flat=True))
    return replace(read, files=[shown for shown in read.files if shown.attachment.pk in files])


def files_of(person: Person, report: Report) -> QuerySet[Attachment]:
    """A holder's files: all of them, and for a former holder those that came before their duty ended."""
    mine = Duty.objects.filter(report=report).ever_held_by(person).order_by("-seq").first()
    files = Attachment.objects.filter(report=report)
    if mine is None:
        return files.none()
    return files if mine.ended_at is None else files.filter(added_at__lte=mine.ended_at)
