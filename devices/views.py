"""The officer's pages: my handset, claim one, lose, find and hand it back, and which apps it may run."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from devices import claiming, discrepancies, losing, returning
from devices.forms import AssetTagForm, ClaimForm, InHandForm
from devices.models import AppRule, Custody, Ending, Handset, Oddity, Terms
from devices.receipts import claim_of
from devices.refusals import AlreadyYours, HoldsAnother, NotYours, Refused, TermsChanged, TooManyTries, UnknownTag, WrongDigits
from portal.people.access import signed_in
from portal.ui.paging import Beginning


@require_GET
def handset(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    custodies = list(Custody.objects.held_by(person).select_related("handset", "terms"))
    custody = next((one for one in custodies if one.ended_at is None), None)
    if custody is not None:
        page = {"custody": custody, "handset": custody.handset, "past": [one for one in custodies if one != custody]}
        page["receipt"] = claim_of(custody)
        page["everyone"] = Beginning.of(Custody.objects.filter(handset=custody.handset).newest_first(), 20)
        return render(request, "devices/handset.html", page)
    allotted = Handset.objects.allotted_to(person).first()
    return render(request, "devices/none.html", {"allotted": allotted, "missing": Handset.objects.lost_by(person), "past": custodies})


@require_GET
def claim(request: HttpRequest) -> HttpResponse:
    form = AssetTagForm(request.GET if "asset_tag" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("devices:claim_tagged", form.cleaned_data["asset_tag"])
    allotted = Handset.objects.allotted_to(signed_in(request))
    return render(request, "devices/claim.html", {"form": form, "allotted": allotted})


@require_http_methods(["GET", "HEAD", "POST"])
def claim_tagged(request: HttpRequest, asset_tag: str) -> HttpResponse:
    if request.method == "POST":
        return _claim(request, asset_tag)
    found = Handset.objects.tagged(asset_tag).first()
    if found is None:
        return _unknown(request, asset_tag)
    refused = claiming.obstacle(signed_in(request), found)
    if refused is not None:
        return _refused(request, found, refused, status=200)
    return _ask(request, found, ClaimForm())


def _claim(request: HttpRequest, asset_tag: str) -> HttpResponse:
    """Claim what the form says; every refusal has its own page or its place beside a field."""
    form = ClaimForm(request.POST)
    try:
        if form.is_valid():
            given = form.cleaned_data
            claiming.claim(holder=signed_in(request), asset_tag=asset_tag, last_four=given["last_four"], terms_id=given["terms"])
            messages.success(request, "The handset is yours.")
            return redirect("devices:handset")
    except AlreadyYours:
        return redirect("devices:handset")
    except UnknownTag:
        return _unknown(request, asset_tag)
    except (WrongDigits, TooManyTries) as refused:
        form.add_error("last_four", str(refused))
    except TermsChanged as refused:
        form.add_error("accept", str(refused))
    except (NotYours, HoldsAnother, Refused) as refused:
        return _refused(request, Handset.objects.tagged(asset_tag).get(), refused, status=409, told=True)
    return _ask_again(request, asset_tag, form)


@require_POST
def in_hand(request: HttpRequest, asset_tag: str) -> HttpResponse:
    """A handset that this person may not claim is in their hand: stores are told."""
    form = InHandForm(request.POST)
    found = Handset.objects.tagged(asset_tag).first()
    if found is None:
        return _unknown(request, asset_tag)
    if form.is_valid():
        try:
            refused = claiming.report_in_hand(person=signed_in(request), asset_tag=asset_tag, last_four=form.cleaned_data["last_four"])
        except (WrongDigits, TooManyTries) as wrong:
            form.add_error("last_four", str(wrong))
        else:
            return _refused(request, found, refused, told=True) if refused else redirect("devices:claim_tagged", asset_tag)
    obstacle = claiming.obstacle(signed_in(request), found)
    return _refused(request, found, obstacle, form=form) if obstacle else redirect("devices:claim_tagged", asset_tag)


@require_http_methods(["GET", "HEAD", "POST"])
def different(request: HttpRequest, asset_tag: str) -> HttpResponse:
    """The label and the handset do not belong together: asked once more, then stores are told, and nothing is claimed."""
    found = Handset.objects.tagged(asset_tag).first()
    if found is None:
        return _unknown(request, asset_tag)
    if request.method == "POST":
        discrepancies.report(handset=found, by=signed_in(request), what=Oddity.DIFFERENT)
        return redirect("devices:different", asset_tag)
    return render(request, "devices/different.html", {"handset": found, "told": discrepancies.misfit_told(found, signed_in(request))})


@require_http_methods(["GET", "HEAD", "POST"])
def lost(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    held = Handset.objects.held_by(person).first()
    if held is None:
        messages.info(request, "You do not hold a handset, so there is none to report.")
        return redirect("devices:handset")
    if request.method == "POST":
        how = request.POST.get("how", "")
        if how in (Ending.LOST, Ending.STOLEN):
            return _report_missing(request, Ending(how))
        messages.error(request, "Say whether it is lost or stolen.")
    return render(request, "devices/lost.html", {"handset": held})


def _report_missing(request: HttpRequest, how: Ending) -> HttpResponse:
    try:
        losing.report_missing(holder=signed_in(request), how=how)
    except Refused as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, f"You reported it {how.value}. Stores have been told.")
    return redirect("devices:handset")


@require_POST
def found(request: HttpRequest, asset_tag: str) -> HttpResponse:
    person = signed_in(request)
    missing = get_object_or_404(Handset.objects.filter(custodies__holder=person).distinct(), asset_tag=asset_tag)
    try:
        losing.find(finder=person, handset_id=missing.pk)
    except Refused as refused:
        messages.warning(request, str(refused))
    else:
        messages.success(request, f"Handset {missing.asset_tag} is in your name again. Stores have been told.")
    return redirect("devices:handset")


@require_http_methods(["GET", "HEAD", "POST"])
def hand_back(request: HttpRequest) -> HttpResponse:
    held = Handset.objects.held_by(signed_in(request)).first()
    if held is None:
        messages.info(request, "You do not hold a handset, so there is none to hand back.")
        return redirect("devices:handset")
    if request.method != "POST":
        return render(request, "devices/return.html", {"handset": held})
    try:
        returning.hand_back(holder=signed_in(request))
    except Refused as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, "Stores have been told that it is on its way back.")
    return redirect("devices:handset")


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    try:
        returning.keep(holder=signed_in(request))
    except Refused as refused:
        messages.info(request, str(refused))
    else:
        messages.success(request, "You are keeping it. The return is called off.")
    return redirect("devices:handset")


@require_GET
def apps(request: HttpRequest) -> HttpResponse:
    return render(request, "devices/apps.html", {"rules": AppRule.objects.by_access()})


def _ask(request: HttpRequest, handset: Handset, form: ClaimForm) -> HttpResponse:
    """The claim page, with the newest terms: those shown are those that the next press accepts."""
    told = discrepancies.misfit_told(handset, signed_in(request))
    return render(request, "devices/claim_tagged.html", {"form": form, "handset": handset, "terms": Terms.objects.first(), "told": told})


def _ask_again(request: HttpRequest, asset_tag: str, form: ClaimForm) -> HttpResponse:
    handset = Handset.objects.tagged(asset_tag).first()
    if handset is None:
        return _unknown(request, asset_tag)
    refused = claiming.obstacle(signed_in(request), handset)
    if refused is not None:
        return _refused(request, handset, refused)
    return _ask(request, handset, form)


def _refused(
    request: HttpRequest, handset: Handset, refused: Refused, *, form: InHandForm | None = None, status: int = 409, told: bool = False
) -> HttpResponse:
    """The page of one reason why this handset cannot be claimed. Whom to ask is said only to somebody who has it in their hand."""
    page = {"handset": handset, "refused": refused, "kind": type(refused).__name__, "told": told, "form": form or InHandForm()}
    return render(request, "devices/refused.html", page, status=status)


def _unknown(request: HttpRequest, asset_tag: str) -> HttpResponse:
    return render(request, "devices/unknown.html", {"asset_tag": asset_tag}, status=404)
