"""Reports a request may reach on the duty side. Whatever is not this person's does not exist for them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from typing import Any, TypeVar, cast

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render

from portal.people.access import role_required, signed_in
from portal.people.models import Person, Role
from portal.requests.choices import ErasureState
from portal.ui import errors
from portal.vault.sealing import Erased
from reporting import contents, holding
from reporting.contents import Contents
from reporting.drafts.references import tidy
from reporting.models import Attachment, Duty, Erasure, Report, ReportQuerySet

View = TypeVar("View", bound=Callable[..., HttpResponse])
Scope = Callable[[Person], QuerySet[Report]]
standards_only = role_required(Role.PROFESSIONAL_STANDARDS)


def as_holder(person: Person) -> ReportQuerySet:
    """Reports whose duty they hold or held."""
    return Report.objects.held_by(person)


def as_handler(person: Person) -> ReportQuerySet:
    """Those, and reports whose duty they handled for a post before they left it: they have proof of it, and not what the report says."""
    return Report.objects.had_by(person)


def as_standards(person: Person) -> ReportQuerySet:
    """Every report they may know of, for professional standards alone."""
    return Report.objects.all().overseen_by(person)


def reach(request: HttpRequest, reference: str, scope: Scope, *, even_erased: bool = False) -> Report:
    """The report with this reference, however it was typed. Raises Erased, unless the page shows erased reports too."""
    found = get_object_or_404(scope(signed_in(request)).select_related("unit", "reporter__unit"), reference=tidy(reference) or "-")
    if found.is_erased and not even_erased:
        raise Erased(found.reference)
    return found


def not_found_unless_theirs(view: View) -> View:
    """A verb that finds the report is not this person's answers like an address that does not exist; of an erased one see below."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (holding.NotYours, Report.DoesNotExist) as error:
            raise Http404 from error

    return gone_if_erased(cast("View", checked))


def gone_if_erased(view: View) -> View:
    """What needs a report's content answers 410 once it was erased, also where that happened a moment ago."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Erased:
            return render(request, "reporting/gone.html", {"written": errors.written(request)}, status=410)

    return cast("View", checked)


def erasure_of(report: Report) -> Erasure:
    """How and when an erased report was erased, with who asked and who decided."""
    return Erasure.objects.select_related("asked_by__unit", "decided_by__unit").get(report=report, state=ErasureState.DONE)


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
