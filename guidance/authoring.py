"""The pages between a draft and its publication: preview, changes, submit, publish, send back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from guidance.comparing import compare
from guidance.drafting import CannotDraft, submit
from guidance.models import State, Version
from guidance.publishing import CannotPublish, publish, send_back
from guidance.reading import Reading
from guidance.reminding import audience_of
from guidance.rendering import hash_of
from guidance.rendering import render as render_text
from portal.people.access import signed_in
from portal.people.models import Person, Role

PUBLISHED = Q(versions__state=State.PUBLISHED)
READERS = (Role.GUIDANCE_AUTHOR, Role.GUIDANCE_APPROVER, Role.ADMINISTRATOR)


@dataclass(frozen=True, slots=True)
class Step:
    """One move of a version. act: the verb, given the version's id, the person and the hash of the text they saw."""

    name: str
    title: str
    button: str
    says: str
    done: str
    state: State
    roles: tuple[Role, ...]
    act: Callable[[int, Person, str], object]


STEPS = {
    step.name: step
    for step in (
        Step(
            name="submit",
            title="Submit for approval",
            button="Submit for approval",
            says="Nobody can change the text while it waits for approval. An approver other than you publishes it or sends it back.",
            done="The version is waiting for approval.",
            state=State.DRAFT,
            roles=(Role.GUIDANCE_AUTHOR, Role.ADMINISTRATOR),
            act=lambda version, person, _: submit(version_id=version, author=person),
        ),
        Step(
            name="publish",
            title="Approve and publish",
            button="Approve and publish",
            says="Everyone it is for is asked to acknowledge it. A published version cannot be changed or taken back.",
            done="The version is published.",
            state=State.SUBMITTED,
            roles=(Role.GUIDANCE_APPROVER,),
            act=lambda version, person, seen: publish(version_id=version, approver=person, text_hash=seen),
        ),
        Step(
            name="send-back",
            title="Send back to the author",
            button="Send back",
            says="It becomes a draft again, so that its author can change it.",
            done="The version is a draft again.",
            state=State.SUBMITTED,
            roles=(Role.GUIDANCE_APPROVER,),
            act=lambda version, person, _: send_back(version_id=version, approver=person),
        ),
    )
}


def steps_for(person: Person, version: Version | None) -> list[Step]:
    """The moves that this person can make with this version now."""
    return [step for step in STEPS.values() if version is not None and version.state == step.state and person.has_role(*step.roles)]


@require_safe
def preview(request: HttpRequest, version_id: int) -> HttpResponse:
    """The version as officers will see it."""
    version = _version(request, version_id)
    return render(request, "guidance/document.html", {"reading": _as_reading(version), "page": render_text(version.text), "preview": True})


@require_safe
def changes(request: HttpRequest, version_id: int) -> HttpResponse:
    """What the version changes in the one before it."""
    version = _version(request, version_id)
    before = Version.objects.published().filter(document=version.document, number__lt=version.number).order_by("-number").first()
    stretches = compare(before.text, version.text) if before else ()
    return render(request, "guidance/changes.html", {"reading": _as_reading(version), "stretches": stretches, "preview": True})


def step_page(name: str) -> Callable[[HttpRequest, int], HttpResponse]:
    """The page that says what a step means and, posted, takes it."""
    step = STEPS[name]

    @require_http_methods(["GET", "HEAD", "POST"])
    def page(request: HttpRequest, version_id: int) -> HttpResponse:
        version = _version(request, version_id)
        if not signed_in(request).has_role(*step.roles):
            raise PermissionDenied
        if request.method == "POST":
            return _take(request, version, step)
        facts = {"hash": hash_of(version.text), "people": audience_of(version).count()}
        context = {**admin.site.each_context(request), "title": step.title, "version": version, "step": step, **facts}
        return render(request, "guidance/admin/step.html", context)

    return page


def _take(request: HttpRequest, version: Version, step: Step) -> HttpResponse:
    try:
        step.act(version.pk, signed_in(request), request.POST.get("text_hash", ""))
    except (CannotDraft, CannotPublish) as error:
        messages.error(request, str(error))
    else:
        messages.success(request, step.done)
    return redirect("admin:guidance_version_change", version.pk)


def _version(request: HttpRequest, version_id: int) -> Version:
    if not signed_in(request).has_role(*READERS):
        raise PermissionDenied
    return get_object_or_404(Version.objects.select_related("document", "author"), pk=version_id)


def _as_reading(version: Version) -> Reading:
    return Reading(
        slug=version.document.slug,
        title=version.document.title,
        version_id=version.pk,
        number=version.number,
        summary=version.summary,
        sentence=version.sentence,
        acknowledge_by=version.acknowledge_by,
        text_hash=hash_of(version.text),
        published_at=version.published_at,
        acknowledged_at=None,
        acknowledged_before=None,
        question_id=None,
        answered_at=None,
        question_erased=None,
        is_owner=False,
    )


PAGES: dict[str, Callable[..., HttpResponse]] = {"preview": preview, "changes": changes, **{name: step_page(name) for name in STEPS}}
