"""A handset's state as a tag in the colour that docs/ui.md gives it."""

from __future__ import annotations

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from devices.models import Access, Handset, State

register = template.Library()

COLOURS: dict[str, str] = {
    State.IN_STOCK: "grey",
    State.ALLOTTED: "blue",
    State.CLAIMED: "green",
    State.RETURNING: "yellow",
    State.RETURNED: "light-blue",
    State.SANITISED: "light-blue",
    State.LOST: "red",
    State.STOLEN: "red",
    State.RETIRED: "grey",
    Access.BLOCKED: "red",
    Access.BY_PERMISSION: "yellow",
    Access.ALLOWED: "green",
}


@register.filter
def state_tag(handset: Handset) -> SafeString:
    return _tag(handset.state, State(handset.state).label)


@register.filter
def access_tag(access: str) -> SafeString:
    return _tag(access, Access(access).label)


def _tag(value: str, text: str) -> SafeString:
    return format_html('<strong class="govuk-tag govuk-tag--{}">{}</strong>', COLOURS[value], text)
