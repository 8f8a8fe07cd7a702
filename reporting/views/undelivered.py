"""Professional standards: notices about reports that reached nobody."""

from __future__ import annotations

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portal.people.access import role_required, signed_in
from portal.people.models import Role
from reporting.desk import undelivered

PAGE_SIZE = 25


@require_http_methods(["GET", "HEAD", "POST"])
@role_required(Role.PROFESSIONAL_STANDARDS)
def listing(request: HttpRequest) -> HttpResponse:
    """The list; posting one of them sends it again."""
    person = signed_in(request)
    if request.method == "POST":
        key = request.POST.get("notice", "")
        if not key.isdecimal() or not undelivered.try_again(person=person, key=int(key)):
            raise Http404
        messages.success(request, "It will be sent again.")
        return redirect("standards:undelivered")
    found = undelivered.undelivered(person).select_related("to__unit")
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "reporting/standards/undelivered.html", {"page": page, "lines": undelivered.lines(page.object_list)})
