"""The public record: what anybody may know of it, which is its size, its root and its age. It discloses hashes only."""

from __future__ import annotations

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.record.models import Fact, TreeHead


@login_not_required
@require_safe
def record(request: HttpRequest) -> HttpResponse:
    heads = list(TreeHead.objects.order_by("-size")[:10])
    waiting = Fact.objects.unsequenced().count()
    return render(request, "record/record.html", {"head": heads[0] if heads else None, "heads": heads, "waiting": waiting})
