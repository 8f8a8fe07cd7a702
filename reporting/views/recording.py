"""Record what was done: fill in, read it back with the outcome's checklist, and for no further action read the reasons once more."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from portal.people.access import signed_in
from portal.people.models import Person
from reporting import acting, unrecorded
from reporting.choices import MessageKind, Outcome
from reporting.desk import checklists
from reporting.escalation.ladder import NoPolicy
from reporting.escalation.routing import DESK
from reporting.forms.acting import ActForm, ChecklistForm
from reporting.holding import NotHolding
from reporting.models import Duty, Message, Report
from reporting.views.acts import form_page, posted
from reporting.views.scoping import as_holder, not_found_unless_theirs, reach


@dataclass(slots=True)
class Filled:
    """What was filled in, so far as it was. `late`: a deadline took the duty from this person."""

    report: Report
    form: ActForm
    late: bool
    ticks: ChecklistForm | None = None
    checked: list[str] = field(default_factory=list)

    def context(self) -> dict[str, Any]:
        return {"report": self.report, "form": self.form, "late": self.late, "ticks": self.ticks, "checked": self.checked}


@form_page
@not_found_unless_theirs
def act(request: HttpRequest, reference: str) -> HttpResponse:
    """Shows what was filled in back once; only `confirmed` records it, and of no further action only what was `read_again`."""
    report, person = reach(request, reference, as_holder), signed_in(request)
    if "save" in request.POST:
        return save(request, report)
    filled = fill(request, person, report)
    if not filled.form.is_valid() or "change" in request.POST:
        return render(request, "reporting/duties/act.html", filled.context() | {"kept": unrecorded.read(person, report)})
    filled.ticks = checklist(request, filled.form.cleaned_data["outcome"])
    if "confirmed" not in request.POST:
        return render(request, "reporting/duties/act_check.html", filled.context() | {"rows": as_rows(filled.form)})
    if filled.form.cleaned_data["outcome"] == Outcome.NO_ACTION and "read_again" not in request.POST:
        return render(request, "reporting/duties/act_again.html", filled.context())
    if not filled.late and filled.form.cleaned_data["seen"] != newest_words(report):
        return once_more(request, report, "The reporter has written since you began. Read it on the report's page before you record this.")
    try:
        record(person, filled)
    except (NotHolding, NoPolicy) as error:
        return came_too_late(request, report, str(error))
    messages.success(request, "What you did is recorded")
    return redirect("duties:duty", reference=report.reference)


@require_POST
@not_found_unless_theirs
def discard(request: HttpRequest, reference: str) -> HttpResponse:
    """Forget what was written and not recorded."""
    report = reach(request, reference, as_holder)
    unrecorded.discard(person=signed_in(request), report_id=report.pk)
    messages.success(request, "What you had written is discarded")
    return redirect("duties:duty", reference=report.reference)


def fill(request: HttpRequest, person: Person, report: Report) -> Filled:
    """The form as it was sent, or to begin with as it was kept."""
    late, kept = is_late(person, report), None if request.method == "POST" else unrecorded.read(person, report)
    initial = {name: kept.first(name) for name in ("outcome", "reasons", "shared")} if kept else {}
    checked = kept.typed.get("checked", []) if kept else request.POST.getlist("checked")
    form = ActForm(
        posted(request),
        at_desk=is_at_desk(person, report),
        late=late,
        initial={**initial, "late": late, "seen": "" if late else newest_words(report)},
    )
    return Filled(report, form, late, checked=checked)


def checklist(request: HttpRequest, outcome: str) -> ChecklistForm | None:
    """The outcome's checklist as it was ticked; None where it has none."""
    items = checklists.items_of(outcome)
    form = ChecklistForm({"checked": known(request.POST.getlist("checked"), [item.key for item in items])}, items=items)
    return form if items and form.is_valid() else None


def known(ticked: list[str], keys: list[str]) -> list[str]:
    """A list may change while it is on somebody's screen."""
    return [key for key in ticked if key in keys]


def save(request: HttpRequest, report: Report) -> HttpResponse:
    unrecorded.save(person=signed_in(request), report_id=report.pk, typed=dict(request.POST.lists()))
    messages.success(request, "Saved. Nothing is recorded yet, and the deadline stays where it is")
    return redirect("duties:duty", reference=report.reference)


def record(person: Person, filled: Filled) -> None:
    given = filled.form.cleaned_data
    verb = acting.act_late if given["late"] else acting.act
    verb(
        person=person,
        report_id=filled.report.pk,
        outcome=Outcome(given["outcome"]),
        reasons=given["reasons"],
        shared=given["shared"],
        checked=filled.ticks.cleaned_data["checked"] if filled.ticks else None,
    )


def came_too_late(request: HttpRequest, report: Report, sentence: str) -> HttpResponse:
    """If a deadline took the duty, the next press records it as late."""
    late = is_late(signed_in(request), report)
    return once_more(request, report, f"{sentence} You can still record what you did: it is kept as late." if late else sentence)


def once_more(request: HttpRequest, report: Report, sentence: str) -> HttpResponse:
    """The page again, with all that was typed, which is kept, and why."""
    person = signed_in(request)
    unrecorded.save(person=person, report_id=report.pk, typed=dict(request.POST.lists()))
    late = is_late(person, report)
    data = request.POST.copy()
    data["late"], data["seen"] = ("on", "") if late else ("", newest_words(report))
    form = ActForm(data, at_desk=is_at_desk(person, report), late=late)
    form.add_error(None, sentence)
    return render(request, "reporting/duties/act.html", Filled(report, form, late, checked=data.getlist("checked")).context())


def is_late(person: Person, report: Report) -> bool:
    """Whether a deadline took the duty from this person and they have not recorded what they did."""
    holds_now = Duty.objects.filter(report=report).held_by(person).exists()
    return not holds_now and acting.unaccounted(person, report).exists()


def newest_words(report: Report) -> str:
    """The key of what the reporter wrote last: an answer or an addition. Empty where they wrote nothing."""
    written = Message.objects.filter(report=report, kind__in=(MessageKind.ANSWER, MessageKind.ADDITION))
    return str(written.order_by("-at", "-pk").values_list("pk", flat=True).first() or "")


def is_at_desk(person: Person, report: Report) -> bool:
    """Whether this person holds the duty with the professional standards desk: they can't refer it there."""
    return Duty.objects.filter(report=report, post__code=DESK).held_by(person).exists()


def as_rows(form: ActForm) -> list[dict[str, str]]:
    given = form.cleaned_data
    return [
        {"key": "Outcome", "value": str(Outcome(given["outcome"]).label)},
        {"key": "What you did, and why", "value": given["reasons"]},
        {"key": "What the reporter may read", "value": given["shared"] or "The outcome only"},
    ]
