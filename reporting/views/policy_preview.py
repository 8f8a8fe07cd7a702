"""Who would hold a report, and when would it move, for one officer now? Asked in the admin; it looks at no report."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.people.models import Person
from portal.record.appending import now
from reporting import staffing
from reporting.escalation import ladder, routing
from reporting.escalation.foreseeing import Foreseen, foresee
from reporting.forms.foreseeing import ForeseeForm
from reporting.models import EscalationPolicy
from reporting.sentences import OVER

TITLE = "Who would hold a report?"
EVERY_MINUTE = "Every minute"


@require_safe
def preview(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """`context`: what every page of the admin needs. The caller has seen to it that the person is an administrator."""
    asked = "officer" in request.GET
    form = ForeseeForm(request.GET) if asked else ForeseeForm(initial={"policy": request.GET.get("policy")})
    found: dict[str, Any] = {}
    if asked and form.is_valid():
        found = _answer(form) if len(form.officers) == 1 else {"several": _several(request, form.officers), "hint": form.officers.hint}
    return render(request, "reporting/admin/preview.html", {**context, "title": TITLE, "form": form, **found})


def _several(request: HttpRequest, officers: Sequence[Person]) -> list[dict[str, Any]]:
    """The same question about each officer whom the search found."""
    listed = []
    for person in officers:
        query = request.GET.copy()
        query["officer"] = person.number
        listed.append({"person": person, "query": query.urlencode()})
    return listed


def _answer(form: ForeseeForm) -> dict[str, Any]:
    (officer,), asked = form.officers, form.cleaned_data
    policy = asked["policy"] or _in_force(asked)
    if policy is None:
        form.add_error("policy", "No escalation policy is in force for such a report.")
        return {}
    rungs = ladder.of_policy(policy, urgent=asked["at_risk"])
    excluded = asked["kept_from"] | {officer.pk}
    with transaction.atomic():
        rungs = routing.without_line(rungs) if asked["skip_line"] else rungs
        found = foresee(reporter=officer, rungs=rungs, excluded=excluded, at=now())
        return {"result": {"officer": officer, "policy": policy, "at_risk": asked["at_risk"], "steps": _steps(found, asked, excluded)}}


def _in_force(asked: Mapping[str, Any]) -> EscalationPolicy | None:
    standing = list(EscalationPolicy.objects.filter(in_force=True))
    return ladder.best(standing, urgent=asked["at_risk"], categories=asked["categories"])


def _steps(found: Sequence[Foreseen], asked: Mapping[str, Any], excluded: set[uuid.UUID]) -> list[dict[str, Any]]:
    names = _names(found)
    nexts = [*(_holder(one) for one in found[1:]), ""]
    return [
        {
            "level": one.rung.level,
            "holder": _holder(one),
            "also": also if asked["at_risk"] else "",
            "nobody": one.found.post is not None and all(person.pk in excluded for person in staffing.staff_of(one.found.post)),
            "begins": one.begins,
            "open_by": one.open_due_at,
            "act_by": one.act_due_at,
            "hours": one.hours_in_words or EVERY_MINUTE,
            "over": [_over(passed, names) for passed in one.found.why_skipped],
        }
        for one, also in zip(found, nexts, strict=True)
    ]


def _holder(one: Foreseen) -> str:
    return one.found.person.name_and_unit if one.found.person else str(one.found.post)


def _names(found: Sequence[Foreseen]) -> dict[str, str]:
    keys = {passed["person"] for one in found for passed in one.found.why_skipped if "person" in passed}
    return {str(person.pk): person.name_and_unit for person in Person.objects.filter(pk__in=keys).select_related("unit")}


def _over(passed: Mapping[str, Any], names: Mapping[str, str]) -> str:
    if "person" in passed:
        return f"{names[passed['person']]} ({OVER[passed['why']]})"
    return f"Level {passed['level']}: nobody above the officer could take it"
