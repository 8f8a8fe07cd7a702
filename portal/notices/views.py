"""How I am told, browsers that show notifications, and what GOV.UK Notify calls back with."""

from __future__ import annotations

import hmac
import json
from functools import cache
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portal.notices import hearing_back, here, kinds, preferring, reaching, vapid
from portal.notices.channels.configured import ways
from portal.notices.forms import PreferenceForm
from portal.notices.models import Subscription, Way
from portal.people.access import signed_in
from portal.people.browsers import described

WORKER = Path(__file__).with_name("worker.js")


@require_http_methods(["GET", "HEAD", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    person = signed_in(request)
    preference = reaching.preference_of(person)
    form = PreferenceForm(request.POST if request.method == "POST" else None, preference=preference)
    if form.is_valid():
        preferring.choose(person=person, choices=form.choices())
        messages.success(request, "Saved. We tell you this way from now on.")
        return redirect("notices:preferences")
    pushes = Way.PUSH in ways()
    context = {
        "form": form,
        "always": [group for group in kinds.groups_for(person) if group.always],
        "refused": reaching.refused_addresses(person),
        "pushes": pushes,
        "application_key": vapid.application_key() if pushes else "",
        "browsers": Subscription.objects.filter(person=person).order_by("made_at") if pushes else [],
    }
    return render(request, "notices/preferences.html", context)


@require_POST
def test(request: HttpRequest) -> HttpResponse:
    preferring.test(person=signed_in(request))
    messages.success(request, "A test is on its way to you.")
    return redirect("notices:preferences")


@require_POST
def try_again(request: HttpRequest) -> HttpResponse:
    preferring.try_addresses_again(person=signed_in(request))
    messages.success(request, "We use it again. What did not reach you, and a test, are on their way.")
    return redirect("notices:preferences")


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    if Way.PUSH not in ways():
        raise Http404
    given = {name: request.POST.get(name, "") for name in ("endpoint", "p256dh", "auth")}
    try:
        browser = described(request.headers.get("User-Agent", ""))
        subscription = preferring.subscribe(person=signed_in(request), browser=browser, **given)
    except preferring.NoSubscription as refused:
        messages.error(request, str(refused))
        return redirect("notices:preferences")
    messages.success(request, "This browser shows your notifications now.")
    answer = redirect("notices:preferences")
    here.remember(answer, subscription)
    return answer


@require_POST
def unsubscribe(request: HttpRequest, subscription_id: int) -> HttpResponse:
    if not preferring.unsubscribe(person=signed_in(request), subscription_id=subscription_id):
        raise Http404
    messages.success(request, "That browser shows no notifications any more.")
    return redirect("notices:preferences")


@login_not_required
@require_safe
@cache_control(no_cache=True)
def worker(request: HttpRequest) -> HttpResponse:
    """The script that shows notifications. Its address is where browsers look for a newer one, so it does not change."""
    return HttpResponse(_worker(), content_type="text/javascript; charset=utf-8")


@cache
def _worker() -> bytes:
    return WORKER.read_bytes()


@csrf_exempt
@login_not_required
@require_POST
def notify_receipt(request: HttpRequest) -> HttpResponse:
    """GOV.UK Notify says what became of a notice. Without its token this address does not exist."""
    token = settings.NOTIFY_CALLBACK_TOKEN
    if not token or not hmac.compare_digest(request.headers.get("Authorization", "").encode(), f"Bearer {token}".encode()):
        raise Http404
    try:
        answer = json.loads(request.body)
    except ValueError:
        return HttpResponseBadRequest()
    if not isinstance(answer, dict):
        return HttpResponseBadRequest()
    hearing_back.hear(answer)
    return HttpResponse(status=204)
