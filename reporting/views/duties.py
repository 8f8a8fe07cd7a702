"""The duties somebody holds, and one of them. Opening one is recorded; acts on it are in `reporting.views.acts`."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from portal.people.access import signed_in
from portal.people.models import Person
from portal.postgres.base import planned_once
from portal.ui.paging import Pages
from reporting import acting, lines, noting, opening, promising, unrecorded
from reporting.forms.duties import DutyFilters
from reporting.held import Held, HeldBy
from reporting.holding import Turn
from reporting.models import Duty, Report
from reporting.timeline import timeline
from reporting.views.scoping import as_holder, erasure_of, not_found_unless_theirs, reach, seen_by

PAGE_SIZE = 25


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    person, chosen, at = signed_in(request), DutyFilters.chosen_in(request.GET), timezone.now()
    with planned_once():
        page = Pages(filtered(person, chosen) if chosen else HeldBy(person), PAGE_SIZE).get_page(request.GET.get("page"))
        listed = [lines.held_line(duty, at) if isinstance(duty, Held) else lines.line(duty, at) for duty in page]
    context = {"page": page, "lines": listed, "filters": DutyFilters.drawn(request.GET), "filtered": bool(chosen)}
    return render(request, "reporting/duties/list.html", context)


def filtered(person: Person, chosen: dict[str, Any]) -> QuerySet[Duty]:
    """This person's duties as the filters say, the most urgent first; those held before, the latest first."""
    state = chosen.get("state")
    duties = Duty.objects.select_related("report__unit", "holder__unit", "post").only(*lines.NEEDED)
    if state == DutyFilters.ENDED:
        known = duties.ever_held_by(person).filter(ended_at__isnull=False, report__in=as_holder(person))
        listed = known.order_by("-from_at", "-id")
    else:
        listed = duties.held_by(person).most_urgent_first()
        listed = listed.late(timezone.now()) if state == DutyFilters.OVERDUE else listed.filter(**({"state": state} if state else {}))
    if "category" in chosen:
        listed = listed.filter(report__categories__contains=[chosen["category"]])
    if "unit" in chosen:  # a unit that is not shown is not found by it either
        listed = listed.filter(Q(report__unit=chosen["unit"]), report__confidential=False)
    return listed


@require_GET
@not_found_unless_theirs
def duty(request: HttpRequest, reference: str) -> HttpResponse:
    if request.headers.get("Sec-Purpose", "").startswith("prefetch"):
        return HttpResponse(status=503)  # a browser guessing ahead has not opened anything
    report = reach(request, reference, as_holder, even_erased=True)
    if report.reference != reference:
        return redirect("duties:duty", reference=report.reference)
    if report.is_erased:
        return render(request, "reporting/duties/erased.html", erased(report, signed_in(request)))
    turn = opening.open_duty(person=signed_in(request), report_id=report.pk, why="duty")
    return render(request, "reporting/duties/duty.html", shown(turn))


def erased(report: Report, person: Person) -> dict[str, Any]:
    """What is left for somebody who held the duty: when they did, and that the content is gone."""
    mine = Duty.objects.filter(report=report).ever_held_by(person).order_by("-seq")[0]
    return {"report": report, "erasure": erasure_of(report), "duty": mine, "events": timeline(report, viewer=person)}


def shown(turn: Turn) -> dict[str, Any]:
    person, report = turn.person, turn.report
    theirs = turn.is_theirs
    mine = turn.held if theirs else Duty.objects.filter(report=report).ever_held_by(person).order_by("-seq")[0]
    mine.report = report
    late = None if theirs else acting.lapsed_of(turn)
    return {
        "report": report,
        "duty": mine,
        "line": lines.line(mine, turn.at),
        "theirs": theirs,
        "promise": promising.running(report) if theirs else None,
        "may_act_late": late is not None,
        "contents": seen_by(person, report, now_theirs=theirs),
        "kept": unrecorded.read(person, report),
        "may_record": theirs or late is not None,
        "notes": noting.notes_for(person, report),
        "file_base": f"/duties/{report.reference}/files/",
        "events": timeline(report, viewer=person),
    }
