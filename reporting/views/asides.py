"""Who steps aside, and how often: for professional standards, who see it per person."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.people.access import role_required, signed_in
from portal.people.models import Role
from reporting.counting import asides


@require_safe
@role_required(Role.PROFESSIONAL_STANDARDS)
def stepped_aside(request: HttpRequest) -> HttpResponse:
    found = asides.per_holder(viewer=signed_in(request))
    return render(request, "reporting/standards/stepped_aside.html", {"holders": found, "often": asides.OFTEN})
