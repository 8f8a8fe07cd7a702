"""What officers read, acknowledge and ask."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from guidance.acknowledging import Superseded, acknowledge
from guidance.answers import asked_about, questions_for, words_of
from guidance.asking import AlreadyAnswered, NothingToAnswer, answer, ask
from guidance.comparing import compare
from guidance.forms import AcknowledgeForm, AnswerForm, QuestionForm
from guidance.models import Version
from guidance.reading import Reading, read, text_of
from guidance.receipts import acknowledgement_of
from guidance.waiting import documents_for
from portal.people.access import signed_in

PAGE = 25


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    page = Paginator(documents_for(signed_in(request)), PAGE).get_page(request.GET.get("page"))
    return render(request, "guidance/index.html", {"page": page})


@require_safe
def document(request: HttpRequest, slug: str) -> HttpResponse:
    return _document(request, _reading(request, slug), None)


@require_http_methods(["GET", "HEAD", "POST"])
def acknowledged(request: HttpRequest, slug: str) -> HttpResponse:
    form = AcknowledgeForm(request.POST)
    if request.method != "POST":
        return redirect("guidance:document", slug)
    if form.is_valid():
        version_id, text_hash = form.cleaned_data["shown"]
        try:
            acknowledge(person=signed_in(request), slug=slug, version_id=version_id, text_hash=text_hash)
        except Version.DoesNotExist as error:
            raise Http404 from error
        except Superseded as error:
            form.add_error(None, str(error))
        else:
            return redirect("guidance:document", slug)
    return _document(request, _reading(request, slug), form)


@require_safe
def changes(request: HttpRequest, slug: str) -> HttpResponse:
    reading = _reading(request, slug)
    if reading.since is None:
        return render(request, "guidance/changes.html", {"reading": reading, "stretches": []})
    stretches = compare(text_of(slug, reading.since), text_of(slug, reading.number))
    return render(request, "guidance/changes.html", {"reading": reading, "stretches": stretches})


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, slug: str) -> HttpResponse:
    reading = _reading(request, slug)
    form = QuestionForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        asked = ask(person=signed_in(request), slug=slug, text=form.cleaned_data["text"], key=form.cleaned_data["key"])
        messages.success(request, "Your question was sent")
        return redirect("guidance:asked", slug, asked.pk)
    return render(request, "guidance/question.html", {"reading": reading, "form": form})


@require_safe
def questions(request: HttpRequest, slug: str) -> HttpResponse:
    about = questions_for(signed_in(request), slug)
    if about is None:
        raise Http404
    page = Paginator(about.questions, PAGE).get_page(request.GET.get("page"))
    return render(request, "guidance/questions.html", {"document": about.document, "page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def asked(request: HttpRequest, slug: str, key: uuid.UUID) -> HttpResponse:
    person = signed_in(request)
    found = asked_about(person, slug, key)
    if found is None or (request.method == "POST" and not found.answerable):
        raise Http404
    form = AnswerForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            answer(question_id=key, by=person, text=form.cleaned_data["text"])
        except (AlreadyAnswered, NothingToAnswer) as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, "Your answer was sent")
            return redirect("guidance:asked", slug, key)
    return render(request, "guidance/asked.html", {"question": found, "words": words_of(found), "form": form})


def _document(request: HttpRequest, reading: Reading, form: AcknowledgeForm | None) -> HttpResponse:
    receipt = acknowledgement_of(signed_in(request), reading.slug, reading.number) if reading.acknowledged_at else None
    return render(request, "guidance/document.html", {"reading": reading, "form": form, "page": reading.page, "receipt": receipt})


def _reading(request: HttpRequest, slug: str) -> Reading:
    try:
        return read(signed_in(request), slug)
    except Version.DoesNotExist as error:
        raise Http404 from error
