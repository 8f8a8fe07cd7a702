"""The last page before sending: everything that was said, and who will hold the duty."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from portal.people.access import signed_in
from portal.people.models import Person
from reporting import contents, sending
from reporting.choices import YesNoUnsure
from reporting.confidence.oneself import seal_of
from reporting.drafts import drafting
from reporting.escalation.ladder import NoPolicy
from reporting.models import Draft, OutsideRoute
from reporting.promises import terms
from reporting.views.drafts import gone, gone_meanwhile

PAGE_OF = {"The message": "message", "The people": "people", "What you did": "response"}


@require_http_methods(["GET", "HEAD", "POST"])
@gone_meanwhile
def check(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    if request.method == "POST":
        return _send(request, draft_id)
    draft = drafting.drafts_of(signed_in(request)).filter(pk=draft_id).first()
    return _show(request, draft) if draft else gone(request, str(draft_id))


def _send(request: HttpRequest, draft_id: uuid.UUID) -> HttpResponse:
    try:
        shown = sending.Shown(request.POST.get("anyway", ""), manager_is_told="manager_is_told" in request.POST)
        report = sending.send_report(reporter=signed_in(request), draft_id=draft_id, shown=shown)
    except sending.ManagerIsTold:
        return redirect(f"{reverse('reporting:check', kwargs={'draft_id': draft_id})}#manager-is-told")
    except sending.NamesReporter:
        return redirect(f"{reverse('reporting:check', kwargs={'draft_id': draft_id})}#names-you")
    except (sending.NotReady, NoPolicy):
        return redirect("reporting:check", draft_id=draft_id)
    return redirect("reporting:report", reference=report.reference)


def _show(request: HttpRequest, draft: Draft) -> HttpResponse:
    try:
        answers = sending.all_answers(draft)
        promised, problem = _promise(signed_in(request), answers), ""
    except sending.NotReady as error:
        return redirect(f"reporting:{error.page}", draft_id=draft.pk)
    except NoPolicy as error:
        promised, problem = {}, str(error)
    names_you = sending.names_in(draft, answers)
    context = {
        "draft": draft,
        "sections": _sections(draft, answers),
        "problem": problem,
        "kept_back": answers.get("confidential") is True,
        "names_you": names_you,
        "anyway": seal_of(names_you),
        "routes": OutsideRoute.objects.all(),
        **promised,
    }
    return render(request, "reporting/drafts/check.html", context)


def _sections(draft: Draft, answers: Mapping[str, Any]) -> list[dict[str, Any]]:
    mentioned = [key for key in [answers.get("sender_person"), *answers.get("named", [])] if key]
    people = {str(person.pk): person for person in Person.objects.filter(pk__in=mentioned).select_related("unit")}
    said = contents.of_answers(answers, people=people, attachments=list(draft.attachments.all()))
    return [{"title": title, "rows": rows, "href": _address(draft, title)} for title, rows in said.sections]


def _address(draft: Draft, title: str) -> str:
    return reverse(f"reporting:{PAGE_OF[title]}", kwargs={"draft_id": draft.pk})


def _promise(person: Person, answers: Mapping[str, Any]) -> dict[str, Any]:
    """Who would hold the duty, by when, and who after them."""
    planned = sending.plan(person, answers)
    first, *following = sending.promise(reporter=person, planned=planned)
    return {
        "holder": first.found.name,
        "to_desk": first.found.post is not None,
        "open_by": first.open_due_at,
        "act_by": first.act_due_at,
        "hear_by": terms.in_force(urgent=bool(answers.get("at_risk_now"))).due(first.begins),
        "hours": first.hours_in_words,
        "following": [one.found.name for one in following],
        "two_are_told": bool(answers.get("at_risk_now")) and bool(following),
        "line_skipped": planned.skip_line,
        "own_line": planned.own_line,
        "managers": " and ".join(manager.name_and_unit for manager in planned.own_line.managers),
        "manager_took_part": answers.get("managers") == YesNoUnsure.YES,
    }
