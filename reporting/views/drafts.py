"""Writing a report: three pages and a check. Whatever was typed is kept before anything is said about it."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.people.access import signed_in
from portal.people.models import Person
from portal.ui import errors
from portal.vault.sealing import Erased
from reporting.drafts import drafting
from reporting.evidence import keeping as evidence
from reporting.evidence.inspecting import BadFile
from reporting.forms.drafts import DraftForm
from reporting.forms.message import MessageForm
from reporting.forms.people import PeopleForm
from reporting.forms.response import ResponseForm
from reporting.models import Draft, OutsideRoute, Report

View = TypeVar("View", bound=Callable[..., HttpResponse])
FORMS: dict[str, type[DraftForm]] = {"message": MessageForm, "people": PeopleForm, "response": ResponseForm}
NEXT = {"message": "reporting:people", "people": "reporting:response", "response": "reporting:check"}
BACK = {"people": "reporting:message", "response": "reporting:people"}
STAYING = {"find": "", "upload": "files", "remove": "files"}  # buttons that leave the officer on the page, and where on it
LATER = "later"


@dataclass(slots=True)
class Shown:
    """A page as it is shown: its form, and the draft, with what it says, where there is one already."""

    page: str
    form: DraftForm
    draft_id: uuid.UUID
    draft: Draft | None = None
    pages: Mapping[str, drafting.Page] = field(default_factory=dict)


def gone_meanwhile(view: View) -> View:
    """A draft that another tab, or a second press, sends or discards while the page is at work on it answers as one that is gone."""

    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except (drafting.DraftGone, Erased):
            return gone(request, str(kwargs.get("draft_id") or request.POST.get("draft", "")))

    return cast("View", checked)


@require_http_methods(["GET", "HEAD", "POST"])
@gone_meanwhile
def new(request: HttpRequest) -> HttpResponse:
    """The first page before there is a draft; saving it in any way makes one."""
    if request.method != "POST":
        return _render(request, Shown("message", MessageForm.suggesting_today(signed_in(request)), uuid.uuid4()))
    try:
        key = uuid.UUID(request.POST.get("draft", ""))
        draft = drafting.start_draft(reporter=signed_in(request), draft_id=key)
    except drafting.TooManyDrafts as error:
        form = MessageForm(request.POST, reporter=signed_in(request))
        form.add_error(None, str(error))
        return _render(request, Shown("message", form, key))
    except ValueError:
        return gone(request, request.POST.get("draft", ""))
    return _handle(request, draft, "message")


@require_http_methods(["GET", "HEAD", "POST"])
@gone_meanwhile
def page(request: HttpRequest, draft_id: uuid.UUID, page: str) -> HttpResponse:
    draft = drafting.drafts_of(signed_in(request)).filter(pk=draft_id).first()
    if draft is None:
        return gone(request, str(draft_id))
    if request.method == "POST":
        return _handle(request, draft, page)
    pages = drafting.read_pages(draft)
    kept = pages.get(page) or drafting.Page()
    form = FORMS[page].from_typed(kept.typed, **_known_of(draft, pages, signed_in(request)))
    return _render(request, Shown(page, form, draft.pk, draft, pages))


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    draft = get_object_or_404(drafting.drafts_of(signed_in(request)), pk=draft_id)
    if request.method != "POST":
        return render(request, "reporting/drafts/discard.html", {"draft": draft})
    try:
        drafting.discard_draft(reporter=signed_in(request), draft_id=draft.pk)
    except drafting.DraftGone:  # by a second press, which finds nothing left to do, or it was sent
        return redirect("reporting:list")
    messages.success(request, "Draft discarded")
    return redirect("reporting:list")


def _handle(request: HttpRequest, draft: Draft, page: str) -> HttpResponse:
    person, (action, _, target) = signed_in(request), request.POST.get("action", "continue").partition(":")
    refused = _keep_files(request, draft) if page == "message" else []
    if action == "remove":
        _remove(request, draft, target)
    form = FORMS[page](request.POST, **_known_of(draft, drafting.read_pages(draft), person))
    answers = form.answers() if form.is_valid() else None
    pages = drafting.save_page(reporter=person, draft_id=draft.pk, page=page, typed=form.typed(), answers=answers)
    if action == "enter" and form.unanswered():
        return _stay(request, draft, page, form.unanswered())
    if refused:
        form.add_error("attachments", refused)
    if action in (*STAYING, LATER) and not refused:
        return _stay(request, draft, page, target if action == "find" else STAYING.get(action, LATER))
    if action in STAYING:
        form.keep_errors_of(["attachments"])
    if not form.is_valid():
        return _render(request, Shown(page, form, draft.pk, draft, pages))
    return redirect(NEXT[page], draft_id=draft.pk)


def _known_of(draft: Draft, pages: Mapping[str, drafting.Page], reporter: Person) -> dict[str, Any]:
    """What a page has to know of the rest of its draft."""
    return {"reporter": reporter, "files": draft.attachments.count(), "sent_to": drafting.setting_of(pages)}


def _stay(request: HttpRequest, draft: Draft, page: str, anchor: str) -> HttpResponse:
    if anchor == LATER:
        messages.success(request, "Draft saved. Only you can see it, and nobody has been told")
        return redirect("reporting:list")
    return redirect(f"{reverse(f'reporting:{page}', kwargs={'draft_id': draft.pk})}#{anchor}")


def _remove(request: HttpRequest, draft: Draft, target: str) -> None:
    try:
        evidence.remove(reporter=signed_in(request), draft_id=draft.pk, attachment_id=uuid.UUID(target))
    except ValueError as error:
        raise Http404 from error


def _keep_files(request: HttpRequest, draft: Draft) -> list[str]:
    """Keep the uploads that are fit; the sentences about those that are not."""
    refused: list[str] = []
    for upload in request.FILES.getlist("attachments"):
        try:
            evidence.attach(reporter=signed_in(request), draft_id=draft.pk, files=[evidence.check(upload)])
        except BadFile as error:
            refused.append(str(error))
    return refused


def gone(request: HttpRequest, draft_id: str) -> HttpResponse:
    """A draft that was sent leads to its report; any other is a 404. What was written into it since is shown."""
    try:
        report = Report.objects.for_reporter(signed_in(request)).filter(pk=uuid.UUID(draft_id)).first()
    except ValueError:
        report = None
    if report is None:
        raise Http404
    if written := errors.written(request):
        return render(request, "reporting/drafts/sent.html", {"report": report, "written": written}, status=409)
    return redirect("reporting:report", reference=report.reference)


def _render(request: HttpRequest, shown: Shown) -> HttpResponse:
    if drafting.keeps_name_back(shown.pages):
        shown.form.keep_name_back()
    context = {
        "form": shown.form,
        "page": shown.page,
        "draft": shown.draft,
        "draft_id": shown.draft_id,
        "back": BACK.get(shown.page, "reporting:list"),
        "files": files_of(shown.draft) if shown.page == "message" and shown.draft else [],
        "images_route": OutsideRoute.objects.filter(for_indecent_images=True).first() if shown.page == "message" else None,
    }
    return render(request, f"reporting/drafts/{shown.page}.html", context)


def files_of(draft: Draft) -> list[dict[str, object]]:
    attachments = list(draft.attachments.all())
    names = evidence.names(attachments)
    return [{"file": attachment, "name": names[attachment.pk]} for attachment in attachments]
