"""Stores' pages: the stock, one handset, discrepancies, and labels to print."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from devices import losing, storing
from devices.discrepancies import close as close_discrepancy
from devices.discrepancies import noted
from devices.forms import AllotForm, CloseForm, StockFilterForm
from devices.labels import label
from devices.models import Custody, Discrepancy, Ending, Handset, State
from devices.refusals import Refused
from portal.people.access import role_required, signed_in
from portal.people.models import Role
from portal.ui.paging import Beginning

PAGE = 30

# Each step's verb, and what is said once it is done.
STEPS: dict[str, tuple[Callable[..., Handset], str]] = {
    "confirm-return": (storing.confirm_return, "Its return is confirmed."),
    "sanitise": (storing.sanitise, "It is marked sanitised."),
    "stock": (storing.put_in_stock, "It is in stock."),
    "retire": (storing.retire, "It is retired."),
    "lost": (partial(losing.mark_missing, how=Ending.LOST), "It is marked lost."),
    "stolen": (partial(losing.mark_missing, how=Ending.STOLEN), "It is marked stolen."),
}


@require_GET
@role_required(Role.STORES)
def board(request: HttpRequest) -> HttpResponse:
    form, page = _stock(request)
    counts = Handset.objects.count_by_state()
    waiting = {"returns": counts.get(State.RETURNING, 0), "discrepancies": Discrepancy.objects.open().count()}
    return render(request, "devices/stores/board.html", {"form": form, "page": page, "waiting": waiting, "counts": counts})


@require_GET
@role_required(Role.STORES)
def labels(request: HttpRequest) -> HttpResponse:
    """Labels of the handsets on the same page of the same list."""
    _, page = _stock(request)
    return render(request, "devices/stores/labels.html", {"labels": [label(handset) for handset in page]})


@require_GET
@role_required(Role.STORES)
def one_label(_request: HttpRequest, asset_tag: str) -> HttpResponse:
    handset = get_object_or_404(Handset, asset_tag=asset_tag)
    return render(_request, "devices/stores/labels.html", {"labels": [label(handset)], "handset": handset})


@require_GET
@role_required(Role.STORES)
def handset(request: HttpRequest, asset_tag: str) -> HttpResponse:
    return _page_of(request, asset_tag)


@require_POST
@role_required(Role.STORES)
def do(request: HttpRequest, asset_tag: str, step: str) -> HttpResponse:
    """One step in a handset's life."""
    if step not in STEPS:
        raise Http404
    handset = get_object_or_404(Handset, asset_tag=asset_tag)
    verb, done = STEPS[step]
    try:
        verb(by=signed_in(request), handset_id=handset.pk)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, done)
    return redirect("stores:handset", asset_tag)


@require_POST
@role_required(Role.STORES)
def allot(request: HttpRequest, asset_tag: str) -> HttpResponse:
    handset = get_object_or_404(Handset, asset_tag=asset_tag)
    form = AllotForm(request.POST)
    if form.is_valid():
        to = form.cleaned_data["number"]
        try:
            storing.allot(by=signed_in(request), handset_id=handset.pk, to=to)
        except Refused as refused:
            form.add_error("number", str(refused))
        else:
            messages.success(request, f"It is allotted to {to.name_and_unit}, who has been told.")
            return redirect("stores:handset", asset_tag)
    return _page_of(request, asset_tag, form)


@require_GET
@role_required(Role.STORES)
def discrepancies(request: HttpRequest) -> HttpResponse:
    found = Discrepancy.objects.open().with_people().order_by("opened_at", "pk")
    return render(request, "devices/stores/discrepancies.html", {"page": Paginator(found, PAGE).get_page(request.GET.get("page"))})


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.STORES)
def close(request: HttpRequest, discrepancy_id: int) -> HttpResponse:
    discrepancy = get_object_or_404(Discrepancy.objects.with_people(), pk=discrepancy_id)
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            close_discrepancy(discrepancy_id=discrepancy.pk, by=signed_in(request), note=form.cleaned_data["note"])
        except Refused as refused:
            messages.info(request, str(refused))
        else:
            messages.success(request, "The discrepancy is closed.")
        return redirect("stores:handset", discrepancy.handset.asset_tag)
    return render(request, "devices/stores/close.html", {"form": form, "discrepancy": discrepancy})


def _stock(request: HttpRequest) -> tuple[StockFilterForm, Page[Handset]]:
    form = StockFilterForm(request.GET or None)
    found = Handset.objects.with_holder()
    if form.is_bound and form.is_valid():
        found = found.search(form.cleaned_data["q"])
        found = found.in_state(form.cleaned_data["state"]) if form.cleaned_data["state"] else found
    return form, Paginator(found, PAGE).get_page(request.GET.get("page"))


def _page_of(request: HttpRequest, asset_tag: str, form: AllotForm | None = None) -> HttpResponse:
    handset = get_object_or_404(Handset.objects.with_holder(), asset_tag=asset_tag)
    page = {
        "handset": handset,
        "custodies": Beginning.of(Custody.objects.filter(handset=handset).newest_first(), 50),
        "discrepancies": Beginning.of(Discrepancy.objects.filter(handset=handset).with_people().with_erasure(), 20).each(noted),
        "steps": storing.steps(handset),
        "form": form or AllotForm(),
    }
    return render(request, "devices/stores/handset.html", page)
