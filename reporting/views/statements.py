"""The statement of duty: read on a page, made by a button, and taken away as data. One view for each party's three pages."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_http_methods, require_safe

from portal.people.access import signed_in
from portal.receipts.models import Copy, CopyState
from portal.receipts.paper.answering import answer, attachment
from portal.receipts.waiting import stands_still, wait_for
from portal.receipts.words import Covering
from portal.record.appending import now
from portal.record.models import Fact
from reporting.consulting import consult
from reporting.drafts.references import tidy
from reporting.firing import facts_first
from reporting.models import Report
from reporting.statements import files as statement_files
from reporting.statements import papers as statement_papers
from reporting.statements import parts, stating
from reporting.statements.intervals import read
from reporting.statements.parts import Party
from reporting.statements.wording import Voice
from reporting.views.scoping import not_found_unless_theirs

AGAIN_SECONDS = 3
ROOMS = {Party.REPORTER: "reports", Party.HOLDER: "duties", Party.STANDARDS: "standards"}


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_unless_theirs
def statement(request: HttpRequest, reference: str, party: Party) -> HttpResponse:
    """What a statement would say now; POST makes one. For the reporter looking is no consultation: the report is theirs."""
    person, report = signed_in(request), _reach(request, reference, party)
    if request.method == "POST":
        given = stating.give_statement(person=person, report_id=report.pk, as_=party)
        return redirect(f"{_page(report, party)}{given.subject_seq}/")
    if party is not Party.REPORTER:
        consult(person=person, report=report, why="statement")
    facts_first(report)
    return render(request, "reporting/statements/statement.html", _shown(request, report, party))


@require_safe
@not_found_unless_theirs
def made(request: HttpRequest, reference: str, party: Party, seq: int) -> HttpResponse:
    """A statement that was made, once a signed checkpoint covers it; until then a page that looks again by itself."""
    report, given, checkpoint = _made(request, reference, party, seq)
    context = {
        "report": report,
        "page": _page(report, party),
        "given": given,
        "checkpoint": checkpoint,
        "still": checkpoint is None and stands_still(),
    }
    response = render(request, "reporting/statements/made.html", context)
    return _looking_again(response) if checkpoint is None and not context["still"] else response


@require_safe
@not_found_unless_theirs
@cache_control(private=True, no_store=True)
def download(request: HttpRequest, reference: str, party: Party, seq: int) -> HttpResponse:
    """The statement as data; while nothing covers it, the page that waits."""
    report, given, checkpoint = _made(request, reference, party, seq)
    if checkpoint is None:
        return redirect(f"{_page(report, party)}{seq}/")
    found = statement_files.statement(report, party=party, person=signed_in(request), given=given)
    return attachment(statement_files.content(found, checkpoint), "application/json", found.file_name)


@require_http_methods(["GET", "HEAD", "POST"])
@not_found_unless_theirs
@cache_control(private=True, no_store=True)
def paper(request: HttpRequest, reference: str, party: Party, seq: int) -> HttpResponse:
    """The statement as a signed PDF, once a checkpoint covers it."""
    report, given, checkpoint = _made(request, reference, party, seq)
    above = f"{_page(report, party)}{seq}/"
    if checkpoint is None:
        return redirect(above)

    def page(*, file: str, copy: Copy | None) -> HttpResponse:
        wanted = copy is not None and copy.state == CopyState.WANTED
        context = {"report": report, "page": above, "given": given, "file": file, "wanted": wanted}
        return render(request, "reporting/statements/paper.html", context)

    return answer(
        request,
        {"person": signed_in(request), "kind": statement_papers.KIND, "key": statement_papers.key_of(report, party, seq)},
        container=None if report.is_erased else report.container,
        address=f"{above}paper/",
        name=statement_files.file_name(report, seq).replace(".statement.json", ".pdf"),
        again_seconds=AGAIN_SECONDS,
        page=page,
    )


def _looking_again(response: HttpResponse) -> HttpResponse:
    """The browser asks again by itself, with or without JavaScript. Only where an answer is due within seconds."""
    response["Refresh"] = str(AGAIN_SECONDS)
    return response


def _reach(request: HttpRequest, reference: str, party: Party) -> Report:
    """The report by its reference, however it was typed; also an erased one, of which a statement proves as much as before."""
    return get_object_or_404(stating.open_to(signed_in(request), party), reference=tidy(reference) or "-")


def _made(request: HttpRequest, reference: str, party: Party, seq: int) -> tuple[Report, Fact, Covering | None]:
    report = _reach(request, reference, party)
    given = stating.statement_taken(person=signed_in(request), report=report, as_=party, seq=seq)
    return report, given, wait_for(lambda: statement_files.cover(given))


def _page(report: Report, party: Party) -> str:
    return f"/{ROOMS[party]}/{report.reference}/statement/"


def _shown(request: HttpRequest, report: Report, party: Party) -> dict[str, Any]:
    person = signed_in(request)
    pieces = parts.part(party, person, report, parts.facts_of(report))
    ended, left = parts.ended(person, report) if party is Party.HOLDER else (False, None)
    if ended:  # a former holder does not learn from the page whether anything came later
        pieces = parts.without_tail(pieces)
    reading = read(pieces, until=pieces[-1].fact.at if ended else now(), is_cut=ended)
    voice = Voice(parts.names_of(parts.keys_in(pieces)))
    return {
        "report": report,
        "party": party.value,
        "page": _page(report, party),
        "back": f"/{ROOMS[party]}/{report.reference}/",
        "ended": ended,
        "left": left,
        "rows": voice.rows(reading),
        "until": reading.until,
        "withheld": reading.withheld,
        "proved": voice.proved(reading),
        "not_proved": voice.not_proved(reading),
        "taken": stating.statements_of(person=person, report=report, as_=party),
    }
