"""How forms become GOV.UK markup: what the field, form and error-summary templates need to know beyond Django's own objects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from django.forms import BaseForm, BoundField, CheckboxSelectMultiple, RadioSelect, Textarea
from django.template.loader import get_template
from django.utils.safestring import SafeString

SEVERAL = (RadioSelect, CheckboxSelectMultiple)


class Choice(NamedTuple):
    """One radio or checkbox: Django's widget data, its hint, and the field that choosing it reveals."""

    widget: dict[str, Any]
    hint: str
    reveals: BoundField | None


def first_id(bound: BoundField) -> str:
    """The id of the control an error should take the reader to."""
    if bound.use_fieldset:
        return f"{bound.auto_id}_0"
    return bound.id_for_label or bound.auto_id


def revealed_names(form: BaseForm) -> set[str]:
    """Fields drawn inside a choice of another field, and so not on their own."""
    return {name for field in form.fields.values() for name in getattr(field.widget, "reveals", {}).values()}


def choices(bound: BoundField) -> Iterator[Choice]:
    """The choices of a radio or checkbox field with their hints and revealed fields."""
    widget = bound.field.widget
    hints, reveals = getattr(widget, "hints", {}), getattr(widget, "reveals", {})
    for option in bound.subwidgets:
        value = str(option.data["value"])
        revealed = reveals.get(value)
        yield Choice(option.data, hints.get(value, ""), bound.form[revealed] if revealed in bound.form.fields else None)


def shape(bound: BoundField) -> str:
    """Which of the three shapes a field has: `boolean` (box beside its label), `choices`, `parts` or `single`."""
    if isinstance(bound.field.widget, SEVERAL):
        return "choices"
    if bound.widget_type == "checkbox":
        return "boolean"
    return "parts" if bound.use_fieldset else "single"


def counted(bound: BoundField) -> int | None:
    """The most characters a long text may have, for the counter under it."""
    widget = bound.field.widget
    return getattr(bound.field, "max_length", None) if isinstance(widget, Textarea) else None


def control(bound: BoundField) -> SafeString:
    """The control itself; a counted one is described by its counter too."""
    if not counted(bound):
        return bound.as_widget()
    described = f"{bound.aria_describedby or ''} {bound.auto_id}-info".strip()
    return bound.as_widget(attrs={"aria-describedby": described})


def field(bound: BoundField, *, size: str = "s", heading: bool = False, hide_label: bool = False) -> str:
    look = {"size": size, "heading": heading, "hide_label": hide_label}
    return get_template("django/forms/field.html").render({"field": bound, **look})


def visible(form: BaseForm) -> list[BoundField]:
    inside = revealed_names(form)
    return [bound for bound in form.visible_fields() if bound.name not in inside]


def form_body(form: BaseForm) -> str:
    return get_template("django/forms/div.html").render({"form": form, "hidden_fields": form.hidden_fields()})


def summarised(forms: Iterable[BaseForm]) -> Iterator[dict[str, str]]:
    """The errors of forms as `{"text", "target"}`, each form once however often it is asked for."""
    for form in forms:
        if not form.is_bound or getattr(form, "errors_listed", False):
            continue
        form.errors_listed = True  # type: ignore[attr-defined]
        for text in form.non_field_errors():
            yield {"text": str(text), "target": ""}
        for bound in form:
            for text in bound.errors:
                yield {"text": str(text), "target": "" if bound.is_hidden else first_id(bound)}
