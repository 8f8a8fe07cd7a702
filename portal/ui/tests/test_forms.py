"""Every field is drawn with its label, hint and error tied to it, and says in a sentence what to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

import pytest
import time_machine
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.template import Context, Template
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from hypothesis import given
from hypothesis import strategies as st

from portal.ui import fields


class Every(forms.Form):
    name = fields.CleanTextField(
        label="Group name", max_length=20, help_text="As the app shows it", error_messages={"required": "Enter the group name"}
    )
    said = fields.CleanTextField(label="What it said", max_length=2000, long=True, required=False)
    sent = fields.DateTimeField(noun="the time it was sent", label="When was it sent?", required=False)
    seen = fields.DateInputField(noun="the day you saw it", label="Seen", required=False, latest=timezone.localdate)
    where = forms.ChoiceField(
        label="Where was it?",
        choices=[("group", "A group"), ("one", "One person")],
        widget=fields.Radios(hints={"one": "Just the two of you"}, reveals={"group": "members"}),
        error_messages={"required": "Select where it was"},
    )
    members = fields.CleanTextField(label="How many are in it", max_length=10, required=False)
    kinds = forms.MultipleChoiceField(
        label="What kind?", choices=[("a", "Racist"), ("b", "Sexist")], widget=fields.Checkboxes, required=False
    )
    evidence = fields.SeveralFilesField(label="Files", most=2, required=False)
    challenged = fields.YesNoField(label="Did you challenge it?", unsure="I'm not sure", required=False)
    agreed = forms.BooleanField(label="I accept", required=False)


GOOD = {"name": "Team", "where": "one"}


def bound(**data: str) -> Every:
    return Every(MultiValueDict({name: [value] for name, value in {**GOOD, **data}.items()}), MultiValueDict())


def drawn(form: forms.Form) -> str:
    """The form's HTML with every stretch of white space as one space."""
    return " ".join(str(form).split())


def test_label_hint_and_error_belong_to_their_field() -> None:
    html = drawn(bound(name=""))
    assert '<label class="govuk-label govuk-label--s" for="id_name">Group name</label>' in html
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert (
        '<p id="id_name_error" class="govuk-error-message"><span class="govuk-visually-hidden">Error:</span> Enter the group name</p>'
        in html
    )
    assert "govuk-form-group--error" in html
    assert "govuk-input--error" in html


def test_long_text_is_counted_and_never_cut_off_by_the_browser() -> None:
    html = drawn(Every())
    assert 'data-module="govuk-character-count" data-maxlength="2000"' in html
    assert 'id="id_said-info"' in html
    assert 'aria-describedby="id_said-info"' in html
    assert " maxlength=" not in html


def test_a_revealed_field_is_drawn_once_inside_its_choice() -> None:
    html = drawn(Every())
    assert html.count('name="members"') == 1
    assert 'data-aria-controls="id_where_0_more"' in html
    assert 'govuk-radios__conditional--hidden" id="id_where_0_more"' in html
    assert 'govuk-radios__conditional--hidden" id="id_where_0_more"' not in drawn(bound(where="group"))


def test_no_field_carries_inline_style_or_script() -> None:
    html = drawn(bound(name=""))
    assert "style=" not in html
    assert "<script" not in html
    assert "onclick" not in html


def test_error_summary_links_to_the_first_control_of_each_field() -> None:
    form = bound(name="", where="", sent_day="1")
    html = Template("{% load candour %}{% error_summary form %}").render(Context({"form": form}))
    assert 'href="#id_name"' in html
    assert 'href="#id_where_0"' in html
    assert 'href="#id_sent_0"' in html
    assert html.index("#id_name") < html.index("#id_sent_0") < html.index("#id_where_0")


def test_error_summary_lists_a_form_once_however_often_it_is_called() -> None:
    form = bound(name="")
    html = Template("{% load candour %}{% error_summary form %}{% error_summary form %}").render(Context({"form": form}))
    assert html.count("There is a problem") == 1


def test_a_field_can_be_the_heading_of_its_page() -> None:
    html = Template("{% load candour %}{% field form.where size='l' heading=True %}").render(Context({"form": Every()}))
    assert '<h1 class="govuk-fieldset__heading">Where was it?</h1>' in html


def test_over_long_text_gets_a_sentence_and_keeps_what_was_typed() -> None:
    form = bound(name="x" * 21)
    assert form.errors["name"] == ["Enter 20 characters or fewer"]
    assert f'value="{"x" * 21}"' in drawn(form)


@pytest.mark.parametrize("text", ["a\x00b", "a\x07b", "a\x9bb", "a\ud800b"])
def test_hidden_characters_are_refused_once_and_shown_without_them(text: str) -> None:
    form = bound(name=text)
    assert form.errors["name"] == [fields.HIDDEN_MESSAGE]
    assert 'value="ab"' in drawn(form)


@pytest.mark.parametrize("text", ["😀👮🏽‍♀️", "مرحبا بالعالم", "e\u0301", "<b>&\"'"])
def test_emoji_right_to_left_and_markup_are_kept_as_they_are(text: str) -> None:
    form = bound(name=text)
    assert form.is_valid(), form.errors
    assert form.cleaned_data["name"] == text


def test_line_ends_are_one_kind_and_count_once() -> None:
    form = bound(said="a\r\nb\rc")
    assert form.is_valid()
    assert form.cleaned_data["said"] == "a\nb\nc"


@pytest.mark.parametrize(
    ("time", "clock"),
    [
        ("2:02pm", (14, 2)),
        ("14:02", (14, 2)),
        ("1402", (14, 2)),
        ("2.02 p.m.", (14, 2)),
        ("2pm", (14, 0)),
        ("9", (9, 0)),
        ("noon", (12, 0)),
        ("12am", (0, 0)),
    ],
)
@time_machine.travel(datetime(2026, 11, 23, 22, 0, tzinfo=UTC), tick=False)
def test_a_time_is_read_as_people_write_it(time: str, clock: tuple[int, int]) -> None:
    form = bound(sent_day="3", sent_month="march", sent_year="26", sent_time=time)
    assert form.is_valid(), form.errors
    at = timezone.localtime(form.cleaned_data["sent"])
    assert (at.date(), (at.hour, at.minute)) == (date(2026, 3, 3), clock)


BAD_TIMES: list[tuple[Mapping[str, str], str]] = [
    ({"sent_day": "3"}, "The time it was sent must include a month and a year"),
    (
        {"sent_day": "31", "sent_month": "2", "sent_year": "2026", "sent_time": "2pm"},
        "The time it was sent must be a real date, such as 27 3 2026",
    ),
    (
        {"sent_day": "１", "sent_month": "2", "sent_year": "2026", "sent_time": "2pm"},
        "The time it was sent must be a real date, such as 27 3 2026",
    ),
    ({"sent_day": "3", "sent_month": "3", "sent_year": "2026"}, "Enter the time for the time it was sent, such as 2:02pm"),
    (
        {"sent_day": "3", "sent_month": "3", "sent_year": "2026", "sent_time": "25:00"},
        "Enter a real time for the time it was sent, such as 2:02pm",
    ),
    ({"sent_day": "1", "sent_month": "1", "sent_year": "1970", "sent_time": "9"}, "The time it was sent must be 1 January 2000 or later"),
    ({"sent_day": "24", "sent_month": "11", "sent_year": "2026", "sent_time": "9"}, "The time it was sent must be today or earlier"),
    ({"sent_day": "23", "sent_month": "11", "sent_year": "2026", "sent_time": "23:30"}, "The time it was sent must be in the past"),
    (
        {"sent_day": "29", "sent_month": "3", "sent_year": "2026", "sent_time": "1:30am"},
        "The clocks went forward in that hour: enter another time for the time it was sent",
    ),
]


@pytest.mark.parametrize(("boxes", "sentence"), BAD_TIMES)
@time_machine.travel(datetime(2026, 11, 23, 22, 0, tzinfo=UTC), tick=False)
def test_a_time_that_cannot_be_gets_a_sentence_and_stays_on_the_page(boxes: Mapping[str, str], sentence: str) -> None:
    form = bound(**boxes)
    assert form.errors["sent"] == [sentence]
    assert f'value="{boxes["sent_day"]}"' in drawn(form)


def test_a_time_already_known_is_shown_in_london() -> None:
    html = drawn(Every(initial={"sent": datetime(2026, 7, 1, 13, 2, tzinfo=UTC)}))
    assert 'value="2:02pm"' in html
    assert 'value="2026"' in html


def test_more_files_than_allowed_get_a_sentence() -> None:
    three: list[UploadedFile[Any]] = [SimpleUploadedFile(f"{n}.txt", b"x") for n in range(3)]
    form = Every(MultiValueDict({"name": ["T"], "where": ["one"]}), MultiValueDict({"evidence": three}))
    assert form.errors["evidence"] == ["Choose 2 files or fewer"]


def test_an_empty_file_gets_a_sentence() -> None:
    form = Every(MultiValueDict({"name": ["T"], "where": ["one"]}), MultiValueDict({"evidence": [SimpleUploadedFile("a.txt", b"")]}))
    assert form.errors["evidence"] == ["One of the files is empty. Choose another one"]


@pytest.mark.parametrize(("posted", "meant"), [("yes", True), ("no", False), ("unsure", None), ("", None)])
def test_yes_and_no_become_true_and_false(posted: str, meant: bool | None) -> None:
    form = bound(challenged=posted)
    assert form.is_valid()
    assert form.cleaned_data["challenged"] is meant


@given(st.text(max_size=12))
def test_no_text_whatever_breaks_the_reading_of_a_time(text: str) -> None:
    form = bound(sent_day="3", sent_month="3", sent_year="2026", sent_time=text)
    assert form.is_valid() or form.errors["sent"]


@given(st.tuples(*[st.text(max_size=6)] * 3))
def test_no_text_whatever_breaks_the_reading_of_a_date(boxes: tuple[str, str, str]) -> None:
    form = bound(seen_day=boxes[0], seen_month=boxes[1], seen_year=boxes[2])
    assert form.is_valid() or form.errors["seen"]
