"""Professional standards: every report, and all of one. A name that is kept back they open by two (`views.naming`)."""

from __future__ import annotations

from datetime import datetime
from typing import Any, cast

from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_safe

from portal.people.access import role_required, signed_in
from portal.people.models import Person, Role
from portal.requests.retention import retention_cutoff
from portal.ui.paging import Beginning, Pages
from portal.watch import figures
from reporting import lines
from reporting.confidence import naming
from reporting.desk import conflicts, links, noting, overseeing, undelivered
from reporting.drafts.references import tidy
from reporting.escalation.unstaffed import unstaffed_known_to
from reporting.firing import fired_first, missed_first
from reporting.forms.duties import ReportFilters
from reporting.models import Duty, Erasure, Lapse, NameOpening, Promise, Report
from reporting.standing import PRESENT
from reporting.timeline import timeline
from reporting.views.scoping import as_standards, erasure_of, not_found_unless_theirs, reach, seen_by
from reporting.waiting import ToDecideBy

PAGE_SIZE = 25
AT_THE_TOP = 10


@require_safe
@role_required(Role.PROFESSIONAL_STANDARDS)
def listing(request: HttpRequest) -> HttpResponse:
    person, at, filters = signed_in(request), timezone.now(), ReportFilters(request.GET)
    chosen = filters.chosen()
    if tidy(chosen.get("q", "")) and as_standards(person).filter(reference=tidy(chosen["q"])).exists():
        return redirect("standards:report", reference=tidy(chosen["q"]))
    page = Paginator(filtered(person, chosen, at), PAGE_SIZE).get_page(request.GET.get("page"))
    watched = [] if chosen or page.number > 1 else figures.read()
    context = {
        "page": page,
        "watched": watched,
        "behind": [one for one in watched if not one.is_well],
        "lines": present_lines(page.object_list, at),
        "desk": [] if chosen or page.number > 1 else desk_lines(person, at),
        "filters": filters,
        "filtered": bool(chosen),
        "retained_too_long": 0 if chosen or page.number > 1 else past_retention(person).count(),
        "undelivered": 0 if chosen or page.number > 1 else undelivered.undelivered(person).count(),
        "unstaffed": 0 if chosen or page.number > 1 else unstaffed_known_to(person),
        "to_decide": [] if chosen or page.number > 1 else Beginning.of(ToDecideBy(person), AT_THE_TOP),
    }
    return render(request, "reporting/standards/list.html", context)


def filtered(person: Person, chosen: dict[str, Any], at: datetime) -> QuerySet[Report]:
    """Reports as the filters say, the newest first. A search finds a whole reference or nothing."""
    reports = as_standards(person).select_related("unit").defer("ladder").order_by("-sent_at", "-id")
    if "state" in chosen:
        reports = reports.filter(state=chosen["state"])
    if "unit" in chosen:  # a unit that is not shown is not found by it either
        reports = reports.filter(unit=chosen["unit"], confidential=False)
    if "q" in chosen:
        reports = reports.filter(reference=tidy(chosen["q"]) or "-")
    if "category" in chosen:
        reports = reports.filter(categories__contains=[chosen["category"]])
    if chosen.get("deadline") == ReportFilters.OVERDUE:
        reports = reports.filter(Exists(Duty.objects.filter(report=OuterRef("pk")).late(at)))
    if chosen.get("deadline") == ReportFilters.MISSED:
        reports = reports.filter(Exists(Lapse.objects.filter(duty__report=OuterRef("pk"))))
    return reports


def present_lines(reports: Any, at: datetime) -> list[lines.Line]:
    """One line for each report, by the duty it is at."""
    listed = {report.pk: report for report in reports}

    def read() -> dict[Any, Duty]:
        duties = Duty.objects.filter(report__in=listed, state__in=PRESENT).select_related("holder__unit", "post")
        present = {duty.report_id: duty for duty in duties}
        for key, duty in present.items():
            duty.report = listed[key]
        return present

    present = fired_first(read, dict.values)
    return [lines.line(present[key], at) for key in listed]


def past_retention(person: Person) -> QuerySet[Report]:
    """Reports that this person may know of and whose retention date has passed, by the database's clock."""
    return as_standards(person).closed_before(retention_cutoff())


def erasures_waiting(person: Person) -> QuerySet[Erasure]:
    """Requests that wait for a second person, on reports that this person may know of."""
    return Erasure.objects.waiting().filter(report__in=as_standards(person))


def desk_lines(person: Person, at: datetime) -> Beginning[lines.Line]:
    """What this person's desk holds, the most urgent first."""
    held = Duty.objects.all().held_by(person).filter(post__isnull=False).most_urgent_first()
    shown = held.select_related("report__unit", "holder__unit", "post").defer("report__ladder", "skipped")
    return fired_first(lambda: Beginning.of(shown.all(), AT_THE_TOP), list).each(lambda duty: lines.line(duty, at))


@require_safe
@role_required(Role.PROFESSIONAL_STANDARDS)
def waiting(request: HttpRequest) -> HttpResponse:
    """Every request about a report that waits for this person as the second."""
    page = Pages(ToDecideBy(signed_in(request)), PAGE_SIZE).get_page(request.GET.get("page"))
    return render(request, "reporting/standards/waiting.html", {"page": page})


@require_GET
@role_required(Role.PROFESSIONAL_STANDARDS)
@not_found_unless_theirs
def report(request: HttpRequest, reference: str) -> HttpResponse:
    found, person = reach(request, reference, as_standards, even_erased=True), signed_in(request)
    if found.reference != reference:
        return redirect("standards:report", reference=found.reference)
    if found.is_erased:
        return render(request, "reporting/standards/erased.html", erased(found, person))
    overseeing.look(person=person, report_id=found.pk)
    names_reporter = naming.show(person, found)
    return render(request, "reporting/standards/report.html", {"names_reporter": names_reporter, **shown(found, person)})


def shown(found: Report, person: Person) -> dict[str, Any]:
    duty = present_duty(found)
    return {
        "report": found,
        "line": lines.line(duty, timezone.now()),
        "duty": duty,
        "theirs": Duty.objects.filter(pk=duty.pk).held_by(person).exists(),
        "contents": seen_by(person, found, now_theirs=True),
        "linked": links.others(found, as_standards(person)).values(),
        "notes": noting.notes_for(person, found),
        "kept_out": conflicts.kept_out(person, found),
        "file_base": f"/standards/{found.reference}/files/",
        "events": timeline(found, viewer=person),
        "name_asked": found.confidential and NameOpening.objects.waiting().filter(report=found).exists(),
        "erasure_asked": found.erasures.waiting().exists(),
    }


def present_duty(found: Report) -> Duty:
    """What has passed fires first, also the promise to the reporter: the timeline says whether it was missed."""
    promised = Promise.objects.open().filter(report=OuterRef("report")).values("due_at")
    present: Any = Duty.objects.select_related("holder__unit", "post", "report__unit").annotate(hear_by=Subquery(promised))
    duty: Any = fired_first(lambda: present.get(report=found, state__in=PRESENT), lambda duty: [duty])
    missed_first(found, duty.hear_by)
    return cast("Duty", duty)


def erased(found: Report, person: Person) -> dict[str, Any]:
    """What is left for the two who erased it."""
    return {"report": found, "erasure": erasure_of(found), "events": timeline(found, viewer=person)}
