"""Template tags and filters: times in words, tags, lists, pages of a list, charts, and forms."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django import template
from django.core.paginator import Page
from django.forms import BaseForm, BoundField
from django.template.context import RequestContext
from django.utils import timezone
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.people import browsers
from portal.ui import charts, rendering, words

register = template.Library()
REFERENCE = re.compile(r"\bMR-[0-9A-Z]{4}-[0-9A-Z]{4}\b")

register.filter("moment", words.moment)
register.filter("day", words.day)
register.filter("duration", words.duration)
register.filter("browser", browsers.described)


@register.filter
def left(due: datetime | timedelta | None) -> str:
    """Time left until a moment, or a stretch of time: "43 minutes", "2 hours 5 minutes overdue"."""
    if due is None:
        return ""
    return words.left(due - timezone.now() if isinstance(due, datetime) else due)


@register.filter
def is_past(due: datetime | None) -> bool:
    return due is not None and due <= timezone.now()


@register.filter
def unbroken(text: str) -> SafeString:
    """The text, escaped, with no reference of a report in it broken at its hyphens."""
    marked = REFERENCE.sub(r'<span class="app-reference">\g<0></span>', conditional_escape(text))
    return mark_safe(marked)  # noqa: S308 - escaped above, and a reference is letters, digits and hyphens


@register.filter
def breakable(address: str) -> SafeString:
    """An e-mail address, escaped, that breaks before its @ where it is too long for the line."""
    return mark_safe(conditional_escape(address).replace("@", "<wbr>@"))  # noqa: S308 - escaped before


@register.simple_tag
def tag(text: str, colour: str = "") -> SafeString:
    """A GOV.UK tag. Colours: grey blue light-blue yellow red green purple (see docs/ui.md for which state has which)."""
    kind = f" govuk-tag--{colour}" if colour else ""
    return format_html('<strong class="govuk-tag{}">{}</strong>', kind, text)


@register.simple_tag
def time(at: datetime | None) -> SafeString | str:
    """A moment in words inside `<time>`, so that machines read it too."""
    if at is None:
        return ""
    return format_html('<time datetime="{}">{}</time>', at.isoformat(timespec="seconds"), words.moment(at))


@register.inclusion_tag("components/_task_list.html")
def task_list(tasks: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Tasks: `{"text", "href", "hint"?, "tag"?, "colour"?, "status"?}`, the most urgent first."""
    return {"tasks": tasks}


@register.inclusion_tag("components/_summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]], classes: str = "") -> dict[str, Any]:
    """Rows: `{"key", "value", "href"?, "change"?}`; `href` draws a Change link, `change` says what to screen readers."""
    return {"rows": rows, "classes": classes}


@register.inclusion_tag("components/_timeline.html")
def timeline(entries: Iterable[Mapping[str, Any]], level: int = 3) -> dict[str, Any]:
    """Entries, newest first: `{"text", "at", "detail"?, "links"?: [{"text", "href"}]}`."""
    return {"entries": entries, "heading": f"h{level}"}


@register.inclusion_tag("components/_pagination.html", takes_context=True)
def pagination(context: RequestContext, page: Page[Any]) -> dict[str, Any]:
    """Links through a paged list; keeps the filters in the address."""
    query = context["request"].GET.copy()
    query.pop("page", None)
    kept = f"{query.urlencode()}&" if query else ""
    return {"page": page, "kept": kept, "numbers": page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)}


@register.inclusion_tag("components/_chart.html")
def bar_chart(title: str, rows: Sequence[tuple[str, float]], unit: str = "", most: float | None = None) -> dict[str, Any]:
    """Horizontal bars with the same figures as a table. `rows` are (label, value); `most` fixes the end of the scale."""
    return charts.bars(title, rows, unit=unit, most=most)


@register.inclusion_tag("components/_chart.html")
def measure_chart(title: str, rows: Sequence[charts.Measure], head: Sequence[str]) -> dict[str, Any]:
    """Horizontal bars with a mark further out, such as the middle time and that of nine in ten, and the same figures as a table."""
    return charts.measures(title, rows, head)


@register.inclusion_tag("components/_chart.html")
def line_chart(title: str, labels: Sequence[str], series: Mapping[str, Sequence[float | None]], unit: str = "") -> dict[str, Any]:
    """One line for each of up to four series over the same labels, with the same figures as a table."""
    return charts.lines(title, labels, series, unit=unit)


@register.inclusion_tag("components/_error_summary.html")
def error_summary(*forms: BaseForm | str) -> dict[str, Any]:
    """Every error of these forms, linked to its field. A form's errors are listed once a page, however often this is called."""
    return {"errors": list(rendering.summarised(form for form in forms if isinstance(form, BaseForm)))}


@register.simple_tag
def field(bound: BoundField, size: str = "s", heading: bool = False, hide_label: bool = False) -> str:
    """One field. `size` is the label's (s, m, l); `heading` makes the label the page's h1; `hide_label` leaves it to screen readers."""
    return rendering.field(bound, size=size, heading=heading, hide_label=hide_label)


@register.simple_tag
def form_body(form: BaseForm) -> str:
    """All fields of a form in order, hidden ones too."""
    return rendering.form_body(form)
