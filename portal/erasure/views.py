"""Erasing sealed words: one person asks, another reads why and decides."""

from __future__ import annotations

from dataclasses import dataclass
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from portal.erasure import erased, erasing, kinds, listing
from portal.erasure.erasing import NotYours
from portal.erasure.kinds import Room, Words
from portal.erasure.models import Erasure
from portal.people.access import signed_in
from portal.requests.answering import Pages, View, could
from portal.requests.choices import Ground
from portal.requests.forms import AskToEraseForm, RefuseForm
from portal.requests.reasons import reason_of, refusal_of
from portal.requests.retention import retention_cutoff
from portal.vault.sealing import Erased, is_erased

PAGE = 25
KEPT = "It is kept, sealed, longer than the words: repeat none of them, and name nobody. Whoever may erase them can read it."


@dataclass(frozen=True, slots=True)
class Mine:
    """Words that the person at the page may have erased, with the row they are of."""

    room: Room
    row: Any
    words: Words


def theirs(view: View) -> View:
    """Words that are not this person's to erase do not exist. Where they were erased a moment ago, their page says so."""

    @wraps(view)
    def checked(request: HttpRequest, kind: str, key: str) -> HttpResponse:
        try:
            return view(request, kind=kind, key=key)
        except NotYours as error:
            raise Http404 from error
        except Erased:
            return redirect("erasure:one", kind, key)

    return checked


@require_safe
def listed(request: HttpRequest, kind: str) -> HttpResponse:
    """Everything of a kind that is still sealed, and requests that wait for a second person."""
    room, person = kinds.room(kind), signed_in(request)
    if room is None or not person.has_role(*room.roles):
        raise Http404
    page = Paginator(listing.kept(room, person), PAGE).get_page(request.GET.get("page"))
    lines = listing.lines(room, page.object_list, retention_cutoff())
    context = {"room": room, "page": page, "lines": lines, "waiting": listing.waiting(room, person), "years": settings.RETENTION_YEARS}
    return render(request, "erasure/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@theirs
def one(request: HttpRequest, kind: str, key: str) -> HttpResponse:
    """Ask; or what the second person decides on; or that the words were erased."""
    mine, waiting = _find(request, kind, key)
    if is_erased(mine.words.container):
        done = _asked(mine.words).done().first()
        return render(request, "erasure/erased.html", {**_about(request, mine), "erasure": done, "said": erased.said_of(done)})
    if waiting is not None and request.method != "POST":
        return _show_request(request, mine, waiting)
    by_rule = mine.words.closed_before(retention_cutoff())
    form = AskToEraseForm(request.POST if request.method == "POST" else None, by_rule=by_rule, what=mine.room.noun, kept=KEPT)

    def ask() -> None:
        ground = Ground(form.cleaned_data["ground"])
        erasing.ask_to_erase(person=signed_in(request), kind=kind, key=key, ground=ground, reason=form.cleaned_data["reason"])

    if could(form, ask):
        messages.success(request, "You asked to erase these words. A second person decides")
        return redirect("erasure:one", kind, key)
    return render(request, "erasure/ask.html", {**_about(request, mine), **_refused(mine.words), "form": form, "by_rule": by_rule})


def _refused(words: Words) -> dict[str, Any]:
    """The last request that a second person refused, and why: whoever asks again reads it first."""
    refused = _asked(words).last_refused()
    return {"refused": refused, "why_refused": refusal_of(refused)} if refused else {}


def _find(request: HttpRequest, kind: str, key: str) -> tuple[Mine, Erasure | None]:
    room, row = kinds.room(kind), kinds.row(signed_in(request), kind, key)
    if room is None or row is None:
        raise NotYours
    words = room.words(row)
    return Mine(room, row, words), _asked(words).waiting().first()


def _asked(words: Words) -> Any:
    return Erasure.objects.of(words.container).select_related("asked_by__unit", "decided_by__unit")


def _about(request: HttpRequest, mine: Mine) -> dict[str, Any]:
    """What every page about these words says: what they are, and where this person reads them or comes from."""
    room, person = mine.room, signed_in(request)
    page = room.page(mine.row, person)
    back = page or (reverse("erasure:list", args=[room.kind]) if person.has_role(*room.roles) else "/")
    return {"room": room, "words_of": mine.words, "read_at": page, "back": back}


def _show_request(request: HttpRequest, mine: Mine, asked: Erasure, form: forms.Form | None = None) -> HttpResponse:
    context = _about(request, mine) | {verb: reverse(f"erasure:{verb}", args=[asked.kind, asked.key]) for verb in VERBS}
    context |= {"asked": asked, "own": asked.asked_by_id == signed_in(request).pk, "elsewhere": mine.room.elsewhere}
    context |= {"others": erasing.REQUESTS.could_decide(asked).exists(), "words": {"reason": reason_of(asked)}}
    context |= {"form": forms.Form() if form is None or isinstance(form, RefuseForm) else form}
    context |= {"refusing": form if isinstance(form, RefuseForm) else RefuseForm(kept=KEPT)}
    return render(request, "erasure/request.html", context)


VERBS = ("withdraw", "confirm", "refuse")
PAGES = Pages(
    _find, theirs, lambda mine: reverse("erasure:one", args=[mine.words.kind, mine.words.key]), "Nobody asks to erase these words"
)
withdraw = PAGES.pressing(erasing.withdraw, done="You withdrew the request. Nothing was erased")
refuse = PAGES.answering(
    lambda data, _asked: RefuseForm(data, kept=KEPT),
    erasing.refuse,
    _show_request,
    done="You refused the request. Nothing was erased",
)
confirm = PAGES.answering(lambda data, _asked: forms.Form(data), erasing.erase, _show_request, done="The words were erased")
