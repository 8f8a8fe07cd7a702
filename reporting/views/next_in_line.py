"""The page of whoever is next in line: who holds the duty, how to reach them, whether they opened it. Nothing of the report."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET

from portal.people.access import signed_in
from portal.ui import words
from reporting import duty as duties
from reporting import holding
from reporting.drafts.references import tidy
from reporting.escalation import next_in_line
from reporting.firing import fired_first
from reporting.models import Duty, Report


@require_GET
def next_in_line_page(request: HttpRequest, reference: str) -> HttpResponse:
    """For those whom the record shows to have been told that they are next; once they hold or held the duty, its own page."""
    person = signed_in(request)
    report = get_object_or_404(Report.objects.known_to(person), reference=tidy(reference) or "-")
    present = Duty.objects.filter(report=report).open().select_related("report", "holder__unit", "post")
    duty = fired_first(present.first, lambda duty: [duty] if duty else [])
    if holding.has_held(person, report) or (duty is not None and holding.holds(person, duty)):
        return redirect("duties:duty", reference=report.reference)
    if not next_in_line.was_told(person, report):
        raise Http404
    shown = {"report": report, "duty": duty, "holder": duties.holder_name(duty), "rows": _rows(duty)} if duty else {"report": report}
    return render(request, "reporting/duties/next.html", shown)


def _rows(duty: Duty) -> list[dict[str, Any]]:
    email = duty.holder.email if duty.holder else duty.post.email if duty.post else ""
    rows = [
        ("Holds the duty", f"{duties.holder_first(duty)}, since {words.moment(duty.from_at)}"),
        ("Email", email),
        ("Opened", words.moment(duty.opened_at) if duty.opened_at else f"Not yet. To open by {words.moment(duty.open_due_at)}"),
        ("To act by", words.moment(duty.act_due_at)),
    ]
    return [{"key": key, "value": value} for key, value in rows if value]
