"""The reporter's own reports: where they are, and adding to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from portal.people.access import signed_in
from portal.people.models import Person
from portal.record.appending import now
from portal.vault.sealing import Erased, Missing, read_text
from reporting import adding, contents, disputing, receipts
from reporting import duty as duties
from reporting.choices import MessageKind
from reporting.drafts import drafting
from reporting.drafts.references import tidy
from reporting.evidence import keeping as evidence
from reporting.evidence.inspecting import BadFile
from reporting.firing import fired_first, heard_first
from reporting.forms.adding import AddForm, AnswerForm
from reporting.models import Decision, OutsideRoute, Report
from reporting.standing import present_duties, standing
from reporting.timeline import timeline
from reporting.views.scoping import erasure_of, gone_if_erased

PAGE_SIZE = 20


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    page = fired_first(lambda: Paginator(present_duties(person), PAGE_SIZE).get_page(request.GET.get("page")), list)
    drafts = list(drafting.drafts_of(person)) if page.number == 1 else []
    context = {"page": page, "reports": [standing(duty) for duty in page], "drafts": drafts, "routes": OutsideRoute.objects.all()}
    return render(request, "reporting/reports/list.html", context)


@require_safe
def report(request: HttpRequest, reference: str) -> HttpResponse:
    found = mine(request, reference)
    if found.reference != reference:
        return redirect("reporting:report", reference=found.reference)
    if found.is_erased:
        return render(request, "reporting/reports/erased.html", _erased(found, signed_in(request)))
    return _render(request, found, AddForm(hidden=hidden(found)), None)


@require_POST
@gone_if_erased
def add(request: HttpRequest, reference: str) -> HttpResponse:
    found = whole(mine(request, reference))
    form = AddForm(request.POST, request.FILES, hidden=hidden(found))
    if not form.is_valid():
        return _render(request, found, form, None)
    try:
        files = [evidence.check(upload) for upload in form.cleaned_data["attachments"] if isinstance(upload, UploadedFile)]
        key, text = form.cleaned_data["key"], form.cleaned_data["text"]
        adding.add_to_report(reporter=signed_in(request), report_id=found.pk, key=key, text=text, files=files)
    except BadFile as error:
        form.add_error("attachments", str(error))
        return _render(request, found, form, None)
    except adding.NotYours as error:
        raise Http404 from error
    messages.success(request, "Added to your report")
    return redirect("reporting:report", reference=found.reference)


@require_POST
@gone_if_erased
def answer(request: HttpRequest, reference: str, question_id: uuid.UUID) -> HttpResponse:
    found = whole(mine(request, reference))
    form = AnswerForm(request.POST, prefix=str(question_id), hidden=hidden(found))
    if not form.is_valid():
        return _render(request, found, AddForm(hidden=hidden(found)), form)
    try:
        adding.answer_question(
            reporter=signed_in(request), report_id=found.pk, question_id=question_id, text=form.cleaned_data["text"]
        )  # fmt: skip
        messages.success(request, "Answer sent")
    except adding.AlreadyAnswered as error:
        messages.warning(request, str(error))
    except adding.NotYours as error:
        raise Http404 from error
    return redirect("reporting:report", reference=found.reference)


def mine(request: HttpRequest, reference: str) -> Report:
    """The reporter's own report by its reference, however it was typed; anybody else's is a 404."""
    tidied = tidy(reference)
    found = Report.objects.for_reporter(signed_in(request)).filter(reference=tidied).first() if tidied else None
    if not isinstance(found, Report):
        raise Http404
    return found


def whole(found: Report) -> Report:
    """The report, if it was not erased. Raises Erased."""
    if found.is_erased:
        raise Erased(found.reference)
    return found


def hidden(found: Report) -> Person | None:
    """Whose name is kept back from whoever reads what is written here."""
    return found.reporter if found.confidential else None


def _render(request: HttpRequest, found: Report, form: AddForm, answering: AnswerForm | None) -> HttpResponse:
    duty = fired_first(present_duties(signed_in(request)).filter(report=found).get, lambda duty: [duty])
    context = {
        "report": found,
        "duty": duty,
        "promise": heard_first(found),
        "receipt": receipts.of_sending(found),
        "holder": duties.holder_name(duty),
        "events": timeline(found, viewer=signed_in(request)),
        "questions": _questions(found, answering),
        "outcomes": _outcomes(found),
        "dispute_until": disputing.may_dispute_until(found, now()) if duty.acted_at else None,
        "contents": _contents(found),
        "file_base": reverse("reporting:report", kwargs={"reference": found.reference}) + "files/",
        "form": form,
        "answering": answering,
        "routes": OutsideRoute.objects.all(),
    }
    return render(request, "reporting/reports/report.html", context)


def _erased(found: Report, person: Person) -> dict[str, Any]:
    return {
        "report": found,
        "duty": present_duties(person).filter(report=found).get(),
        "erasure": erasure_of(found),
        "events": timeline(found, viewer=person),
        "routes": OutsideRoute.objects.all(),
    }


def _questions(found: Report, answering: AnswerForm | None) -> list[dict[str, Any]]:
    """Questions that wait for an answer, each with its form."""
    asked = list(found.messages.filter(kind=MessageKind.QUESTION, answer__isnull=True).order_by("at"))
    shown = []
    for question in asked:
        prefix = str(question.pk)
        form = answering if answering and answering.prefix == prefix else AnswerForm(prefix=prefix, hidden=hidden(found))
        shown.append({"question": question, "text": _sealed(found, f"message-{question.pk}"), "form": form})
    return shown


def _outcomes(found: Report) -> list[dict[str, Any]]:
    """What was decided, the latest first, with the words meant for the reporter."""
    decided = Decision.objects.filter(duty__report=found).select_related("duty").order_by("-decided_at")
    return [{"decision": decision, "shared": _sealed(found, f"shared-{decision.duty_id}")} for decision in decided]


def _contents(found: Report) -> contents.Contents | None:
    try:
        return contents.read(found)
    except Erased:
        return None


def _sealed(found: Report, name: str) -> str:
    """One sealed text, or nothing where there is none any more."""
    try:
        return read_text(found.container, name)[name]
    except (Erased, Missing):
        return ""
