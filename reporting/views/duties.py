"""The duties somebody holds, and one of them. Opening one is recorded; acts on it are in `reporting.views.acts`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.paginator import Page
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET, require_safe

from portal.people.access import signed_in
from portal.people.models import Person
from portal.postgres.base import planned_once
from portal.ui.paging import Beginning, Pages
from reporting import acting, disputing, lines, opening, unrecorded
from reporting.consulting import consult
from reporting.desk import assigning, links, noting
from reporting.firing import fired_first, heard_first
from reporting.forms.duties import DeskFilters, DutyFilters
from reporting.held import HeldBy
from reporting.holding import Turn
from reporting.lines import Line
from reporting.missed import Missed, missed_by
from reporting.models import Duty, Report
from reporting.timeline import Telling, timeline
from reporting.views.scoping import as_handler, as_holder, erasure_of, not_found_unless_theirs, reach, seen_by

PAGE_SIZE = 25


@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    shown = Board.read(request)
    filters = DeskFilters if shown.at_a_post or "desk" in request.GET else DutyFilters
    context = {"board": shown, "filters": filters.drawn(request.GET), "query": request.GET.urlencode()}
    return render(request, "reporting/duties/list.html", context)


@require_safe
@cache_control(private=True, no_store=True)
def board(request: HttpRequest) -> HttpResponse:
    """The list alone, for a page that keeps itself up to date; 304 where it would read as the browser has it already."""
    shown = Board.read(request)
    if request.headers.get("If-None-Match", "").removeprefix("W/") == shown.etag:
        return HttpResponse(status=304, headers={"ETag": shown.etag})
    response = render(request, "reporting/duties/_board.html", {"board": shown})
    response["ETag"] = shown.etag
    return response


@dataclass(frozen=True, slots=True)
class Board:
    """One page of the duties somebody holds, as it reads at this minute."""

    person: Person
    page: Page[Any]
    lines: list[Line]
    filtered: bool
    missed: Beginning[Line]

    @classmethod
    def read(cls, request: HttpRequest) -> Board:
        person, chosen, at = signed_in(request), DeskFilters.chosen_in(request.GET), timezone.now()
        with planned_once():

            def read() -> Page[Any]:
                return Pages(filtered(person, chosen) if chosen else HeldBy(person), PAGE_SIZE).get_page(request.GET.get("page"))

            page = fired_first(read, list)
            duties = list(page)
            listed = in_lines(person, duties, at) if chosen else [lines.held_line(duty, at) for duty in duties]
            # Read last: opening the page may have let one lapse.
            lost: Beginning[Missed] = Beginning([], 0) if chosen or page.number > 1 else missed_by(person)
        return cls(person, page, listed, bool(chosen), lost.each(lines.missed_line))

    @property
    def at_a_post(self) -> bool:
        return any(line.assigned for line in self.lines)

    @property
    def etag(self) -> str:
        """Of everything that the list shows, the time left in words included. No two people share one."""
        said = f"{self.person.pk} {self.page.number} {self.page.has_next()} {self.filtered} {self.lines} {self.missed} {self.missed.total}"
        return f'"{sha256(said.encode()).hexdigest()[:32]}"'

    @property
    def summary(self) -> str:
        """ "3 duties, 1 overdue, 1 missed", to be said aloud when it changes."""
        overdue = sum(line.overdue for line in self.lines)
        said = ["1 duty" if len(self.lines) == 1 else f"{len(self.lines)} duties"]
        said += [f"{many} {what}" for many, what in ((overdue, "overdue"), (self.missed.total, "missed")) if many]
        return ", ".join(said)


def in_lines(person: Person, duties: list[Duty], at: datetime) -> list[Line]:
    """Duties as the filters found them, with who at a post works on each."""
    at_posts = [duty for duty in duties if duty.post_id is not None and duty.ended_at is None]
    members = assigning.members_of(at_posts) if at_posts else {}
    return [lines.line(duty, at, assigned=_assigned(person, members.get(duty.pk)) if duty in at_posts else "") for duty in duties]


def _assigned(person: Person, member: Person | None) -> str:
    if member is None:
        return "Unassigned"
    return "Assigned to you" if member == person else f"Assigned to {member.name}"


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
    if "desk" in chosen:
        given = assigning.in_force().filter(duty=OuterRef("pk"))
        mine = Exists(given.filter(person=person))
        listed = listed.filter(mine if chosen["desk"] == DeskFilters.MINE else ~Exists(given), post__isnull=False)
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
    try:
        report = reach(request, reference, as_holder, even_erased=True)
    except Http404:
        return left(request, reference)
    if report.reference != reference:
        return redirect("duties:duty", reference=report.reference)
    if report.is_erased:
        return erased(request, report)
    turn = opening.open_duty(person=signed_in(request), report_id=report.pk, why="duty")
    return render(request, "reporting/duties/duty.html", shown(turn))


def left(request: HttpRequest, reference: str) -> HttpResponse:
    """For somebody who handled the duty for a desk and left it since: what they had part in, and not the report."""
    report, person = reach(request, reference, as_handler, even_erased=True), signed_in(request)
    if report.reference != reference:
        return redirect("duties:duty", reference=report.reference)
    if report.is_erased:
        return erased(request, report)
    consult(person=person, report=report, why="duty")
    mine = Duty.objects.filter(report=report).had_by(person).select_related("post").order_by("-seq")[0]
    context = {"report": report, "duty": mine, "events": timeline(report, viewer=person)}
    return render(request, "reporting/duties/left.html", context)


def erased(request: HttpRequest, report: Report) -> HttpResponse:
    """What is left for somebody who held the duty, or handled it for a desk: when, and that the content is gone."""
    person = signed_in(request)
    mine = Duty.objects.filter(report=report).had_by(person).select_related("post").order_by("-seq")[0]
    context = {"report": report, "erasure": erasure_of(report), "duty": mine, "events": timeline(report, viewer=person)}
    return render(request, "reporting/duties/erased.html", context)


def shown(turn: Turn) -> dict[str, Any]:
    person, report = turn.person, turn.report
    theirs = turn.is_theirs
    mine = turn.held if theirs else Duty.objects.filter(report=report).ever_held_by(person).order_by("-seq")[0]
    mine.report = report
    late = None if theirs else acting.lapsed_of(turn)
    telling = Telling(report, person)
    return {
        "report": report,
        "duty": mine,
        "line": lines.line(mine, turn.at),
        "theirs": theirs,
        "barred": disputing.barred(turn) if theirs else "",
        "promise": heard_first(report) if theirs else None,
        "may_act_late": late is not None,
        "contents": seen_by(person, report, now_theirs=theirs),
        "kept": unrecorded.read(person, report),
        "may_record": theirs or late is not None,
        "member": assigning.members_of([mine]).get(mine.pk) if theirs and mine.post_id else None,
        "linked": links.others(report, as_holder(person)).values(),
        "notes": noting.notes_for(person, report),
        "file_base": f"/duties/{report.reference}/files/",
        "events": telling.events(),
        "wrote": telling.unanswered() if theirs else None,
    }
