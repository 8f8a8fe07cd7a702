"""Form fields that forgive how people write and say in a sentence what to do: text, dates, times, several files, choices with reveals."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone

from portal.ui import reading_times

# Characters nobody types: C0 and C1 controls except tab and line feed, and halves of surrogate pairs, which UTF-8 cannot write.
HIDDEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
HIDDEN_MESSAGE = "Hidden characters were taken out of this text. Check it and send it again"


def one_kind_of_line_end(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


class CleanTextField(forms.CharField):
    """Text as the person meant it. Line ends become `\\n`; hidden control characters are refused once with a sentence, and the form
    shows the text again without them, so sending it again works. Emoji and right-to-left text are kept as they are."""

    def __init__(self, *, max_length: int, long: bool = False, rows: int = 5, **options: Any) -> None:
        if long:
            options.setdefault("widget", forms.Textarea(attrs={"rows": rows}))
        messages = {"max_length": f"Enter {max_length:,} characters or fewer", **(options.pop("error_messages", None) or {})}
        super().__init__(max_length=max_length, error_messages=messages, **options)

    def to_python(self, value: Any) -> str:
        text = one_kind_of_line_end(str(value)) if value is not None else ""
        if HIDDEN.search(text):
            raise ValidationError(HIDDEN_MESSAGE, code="hidden_characters")
        return str(super().to_python(text))

    def bound_data(self, data: Any, initial: Any) -> Any:
        shown = super().bound_data(data, initial)
        return HIDDEN.sub("", one_kind_of_line_end(shown)) if isinstance(shown, str) else shown

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        """No `maxlength`: a browser that cuts pasted text off silently loses evidence."""
        return {name: value for name, value in super().widget_attrs(widget).items() if name != "maxlength"}


class Part(forms.TextInput):
    """One box of a date; `label` stands over it."""

    def __init__(self, label: str, width: int, numeric: bool = True) -> None:
        attrs = {"class": f"govuk-date-input__input govuk-input--width-{width}"}
        super().__init__(attrs={**attrs, "inputmode": "numeric"} if numeric else attrs)
        self.label = label

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["label"] = self.label
        return context


class DateParts(forms.MultiWidget):
    """Day, month and year, in boxes named `<name>_day` and so on."""

    template_name = "django/forms/widgets/date_parts.html"
    use_fieldset = True

    def __init__(self) -> None:
        super().__init__(self.parts())

    def parts(self) -> dict[str, forms.Widget | type[forms.Widget]]:
        return {"day": Part("Day", 2), "month": Part("Month", 2), "year": Part("Year", 4)}

    def decompress(self, value: Any) -> list[str]:
        if not isinstance(value, date):
            return [""] * len(self.widgets)
        return [str(value.day), str(value.month), str(value.year)]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class DateTimeParts(DateParts):
    """Day, month, year, and a box for the time: "2:02pm", "14.02", "1402" or "2pm"."""

    def parts(self) -> dict[str, forms.Widget | type[forms.Widget]]:
        return {**super().parts(), "time": Part("Time, such as 2:02pm", 5, numeric=False)}

    def decompress(self, value: Any) -> list[str]:
        if not isinstance(value, datetime):
            return super().decompress(value)
        local = timezone.localtime(value) if timezone.is_aware(value) else value
        return [*super().decompress(local), f"{local.hour % 12 or 12}:{local.minute:02d}{'pm' if local.hour >= 12 else 'am'}"]


class DateInputField(forms.MultiValueField):
    """A date in three boxes. `earliest` and `latest` are days or callables giving days; `noun` names the thing in sentences."""

    widget: Any = DateParts

    def __init__(self, *, noun: str, earliest: Any = date(2000, 1, 1), latest: Any = None, **options: Any) -> None:
        self.noun, self.earliest, self.latest = noun, earliest, latest
        required = {"required": f"Enter {noun}", **(options.pop("error_messages", None) or {})}
        boxes = [forms.CharField(required=False, max_length=20) for _ in self.widget().widgets]
        super().__init__(boxes, error_messages=required, require_all_fields=False, **options)

    def compress(self, boxes: list[str]) -> Any:
        if not any(boxes):
            return None
        return self.in_range(self.read_day(boxes[:3]))

    def read_day(self, boxes: list[str]) -> date:
        try:
            return reading_times.day(*boxes)
        except reading_times.Unreadable as problem:
            raise ValidationError(problem.sentence(self.noun), code="invalid") from problem

    def in_range(self, day: date) -> date:
        earliest, latest = (limit() if callable(limit) else limit for limit in (self.earliest, self.latest))
        if earliest and day < earliest:
            raise ValidationError(f"{self.start_of_sentence} must be {reading_times.written(earliest)} or later", code="too_early")
        if latest and day > latest:
            raise ValidationError(f"{self.start_of_sentence} must be {self.written_limit(latest)} or earlier", code="too_late")
        return day

    @property
    def start_of_sentence(self) -> str:
        return self.noun[:1].upper() + self.noun[1:]

    def written_limit(self, latest: date) -> str:
        return "today" if latest == timezone.localdate() else reading_times.written(latest)


class DateTimeField(DateInputField):
    """A moment in Europe/London, given as a date and a forgiving time. The result is aware. With `not_future` (the default) the moment
    may not lie more than five minutes ahead: clocks differ."""

    widget = DateTimeParts

    def __init__(self, *, noun: str, not_future: bool = True, **options: Any) -> None:
        self.not_future = not_future
        if not_future:
            options.setdefault("latest", timezone.localdate)
        super().__init__(noun=noun, **options)

    def compress(self, boxes: list[str]) -> datetime | None:
        if not any(boxes):
            return None
        day = self.in_range(self.read_day(boxes[:3]))
        try:
            at = reading_times.moment(day, boxes[3])
        except reading_times.Unreadable as problem:
            raise ValidationError(problem.sentence(self.noun), code="invalid") from problem
        if self.not_future and at > timezone.now() + timedelta(minutes=5):
            raise ValidationError(f"{self.start_of_sentence} must be in the past", code="future")
        return at


class SeveralFilesInput(forms.ClearableFileInput):
    allow_multiple_selected = True
    template_name = "django/forms/widgets/file.html"

    def __init__(self, accept: str = "") -> None:
        super().__init__(attrs={"accept": accept} if accept else None)


class SeveralFilesField(forms.FileField):
    """Any number of files up to `most`; cleans to a list. Content is for the caller to check."""

    def __init__(self, *, most: int = 10, accept: str = "", **options: Any) -> None:
        self.most = most
        messages = {"empty": "One of the files is empty. Choose another one", **(options.pop("error_messages", None) or {})}
        super().__init__(widget=SeveralFilesInput(accept), error_messages=messages, **options)

    def clean(self, data: Any, initial: Any = None) -> Any:
        files: list[UploadedFile[Any]] = [file for file in (data if isinstance(data, (list, tuple)) else [data]) if file]
        if len(files) > self.most:
            raise ValidationError(f"Choose {self.most} files or fewer", code="too_many")
        cleaned = [super(SeveralFilesField, self).clean(file, initial) for file in files]
        return cleaned or ([] if not self.required else super().clean(None, initial))


class Choosing:
    """What radios and checkboxes have in common: hints by value, and fields revealed by value (their names in the same form)."""

    def __init__(
        self,
        *,
        hints: Mapping[str, str] | None = None,
        reveals: Mapping[str, str] | None = None,
        inline: bool = False,
        small: bool = False,
        **options: Any,
    ) -> None:
        self.hints, self.reveals, self.inline, self.small = dict(hints or {}), dict(reveals or {}), inline, small
        super().__init__(**options)


class Radios(Choosing, forms.RadioSelect):
    pass


class Checkboxes(Choosing, forms.CheckboxSelectMultiple):
    pass


YES_NO = [("yes", "Yes"), ("no", "No")]


class YesNoField(forms.TypedChoiceField):
    """Two radios; cleans to True, False, or None where nothing was chosen and nothing had to be."""

    def __init__(self, *, reveals: Mapping[str, str] | None = None, unsure: str = "", **options: Any) -> None:
        choices = [*YES_NO, ("unsure", unsure)] if unsure else YES_NO
        widget = Radios(inline=not reveals and not unsure, reveals=reveals)
        options.setdefault("coerce", {"yes": True, "no": False}.get)
        super().__init__(choices=choices, widget=widget, empty_value=None, **options)

    def prepare_value(self, value: Any) -> Any:
        return {True: "yes", False: "no"}.get(value, value) if isinstance(value, bool) else value
