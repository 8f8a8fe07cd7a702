"""Tags used by the field and widget templates alone."""

from __future__ import annotations

from typing import Any

from django import template
from django.forms import BaseForm, BoundField
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from portal.ui import rendering

register = template.Library()

register.filter("shape", rendering.shape)
register.filter("choices", rendering.choices)
register.filter("counted", rendering.counted)
register.filter("control", rendering.control)


@register.filter
def visible(form: BaseForm) -> list[BoundField]:
    return rendering.visible(form)


@register.simple_tag
def attributes(widget: dict[str, Any], classes: str, drop: str = "") -> SafeString:
    """A widget's attributes with design-system classes put before its own; an invalid one gets its `--error` class."""
    unwanted = drop.split()
    attrs = {name: value for name, value in widget["attrs"].items() if name not in unwanted and value is not False and value is not None}
    base = classes.split(" ", maxsplit=1)[0]
    wrong = f"{base}--error" if "aria-invalid" in attrs else ""
    attrs["class"] = " ".join(part for part in (classes, wrong, str(attrs.get("class", ""))) if part)
    pairs = ((name, name if value is True else value) for name, value in attrs.items())
    return format_html_join("", ' {}="{}"', pairs)
