"""How a person is told: what they may choose, in the words of the page."""

from __future__ import annotations

import calendar
import re
from datetime import time, timedelta
from typing import Any, ClassVar

from django import forms

from portal.notices import kinds
from portal.notices.channels.configured import ways
from portal.notices.models import Preference, Quiet, Way, When
from portal.notices.planning import MOST_HELD
from portal.notices.preferring import Choices
from portal.ui.fields import Checkboxes, Radios

EMAIL, TEXT = "email", "text"
MOBILE = re.compile(r"(?:\+44|0044|0)(7\d{9})")
GROUP = "group_"
HELD = MOST_HELD // timedelta(hours=1)
DAYS = list(enumerate(calendar.day_name))


def oclock(hour: int) -> str:
    """ "8am", "noon", "midnight"."""
    return {0: "midnight", 12: "noon"}.get(hour, f"{hour % 12 or 12}{'am' if hour < 12 else 'pm'}")


HOURS = [(hour, oclock(hour).capitalize()) for hour in range(24)]


def hour_field(label: str, **options: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=HOURS, coerce=int, **options)


class PreferenceForm(forms.Form):
    """Fields for channels are there where more than e-mail is on; one for each group that is not always told at once."""

    by = forms.MultipleChoiceField(
        label="How should we tell you?", choices=[], error_messages={"required": "Select at least one way to tell you"}
    )
    mobile = forms.CharField(
        label="Mobile number",
        required=False,
        max_length=30,
        widget=forms.TextInput(attrs={"class": "govuk-input--width-20", "inputmode": "tel", "autocomplete": "tel"}),
    )
    daily_hour = hour_field("When should the one message a day come?")
    quiet = forms.ChoiceField(
        label="Quiet hours",
        help_text=(
            "Missed deadlines, and duties where somebody is at risk, reach you all the same. "
            f"What else always comes at once waits {HELD} hours at most."
        ),
        choices=Quiet.choices,
        widget=Radios(small=True),
        error_messages={"required": "Select whether you want quiet hours"},
    )
    quiet_from = hour_field("From", required=False, empty_value=None)
    quiet_until = hour_field("Until", required=False, empty_value=None)
    quiet_days = forms.TypedMultipleChoiceField(
        label="Beginning on", choices=DAYS, coerce=int, required=False, widget=Checkboxes(small=True, inline=True)
    )
    order: ClassVar[list[str]] = ["by", "mobile"]

    def __init__(self, *args: Any, preference: Preference, **options: Any) -> None:
        self.groups = [group for group in kinds.groups_for(preference.person) if not group.always]
        options["initial"] = _initial(preference, self.groups)
        super().__init__(*args, **options)
        for group in self.groups:
            self.fields[GROUP + group.code] = forms.ChoiceField(
                label=group.name,
                help_text=group.about,
                choices=When.choices,
                widget=Radios(small=True, inline=True),
                error_messages={"required": f"Select when we tell you of {group.name.lower()}"},
            )
        if Way.NOTIFY_SMS in ways():
            self._offer_texts(preference)
        else:
            del self.fields["by"], self.fields["mobile"]

    def _offer_texts(self, preference: Preference) -> None:
        by: Any = self.fields["by"]
        by.choices = [(EMAIL, "E-mail"), (TEXT, "Text message")]
        by.widget = Checkboxes(hints={EMAIL: preference.person.email}, reveals={TEXT: "mobile"}, choices=by.choices)

    def clean_mobile(self) -> str:
        typed = re.sub(r"[\s().\-]", "", self.cleaned_data["mobile"])
        if not typed:
            return ""
        found = MOBILE.fullmatch(typed)
        if found is None:
            raise forms.ValidationError("Enter a UK mobile number, such as 07700 900123")
        return f"+44{found[1]}"

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        if TEXT in given.get("by", []) and not given.get("mobile") and "mobile" not in self.errors:
            self.add_error("mobile", "Enter the mobile number that texts go to")
        if given.get("quiet") == Quiet.OWN:
            self._check_hours(given)
        return given

    def _check_hours(self, given: dict[str, Any]) -> None:
        start, end = given.get("quiet_from"), given.get("quiet_until")
        if start is not None and start == end:
            self.add_error("quiet_until", "Select an end that is not the beginning: quiet hours can't last all day")
        if not given.get("quiet_days"):
            self.add_error("quiet_days", "Select the days on which quiet hours begin")

    def choices(self) -> Choices:
        """What was chosen, of a form that is valid."""
        given = self.cleaned_data
        by = given.get("by", [EMAIL])
        own = given["quiet"] == Quiet.OWN
        return Choices(
            by_email=EMAIL in by,
            by_text=TEXT in by,
            mobile=given.get("mobile", ""),
            groups={group.code: When(given[GROUP + group.code]) for group in self.groups},
            daily_hour=given["daily_hour"],
            quiet=Quiet(given["quiet"]),
            quiet_from=time(given["quiet_from"] or 0) if own else None,
            quiet_until=time(given["quiet_until"] or 0) if own else None,
            quiet_days=given["quiet_days"],
        )

    @property
    def of_groups(self) -> list[forms.BoundField]:
        return [self[GROUP + group.code] for group in self.groups]


def _initial(kept: Preference, groups: list[kinds.Group]) -> dict[str, Any]:
    by = [name for name, yes in ((EMAIL, kept.by_email), (TEXT, kept.by_text)) if yes]
    return {
        "by": by,
        "mobile": kept.mobile,
        "daily_hour": kept.daily_hour,
        "quiet": kept.quiet,
        "quiet_from": kept.quiet_from.hour if kept.quiet_from else 22,
        "quiet_until": kept.quiet_until.hour if kept.quiet_until else 7,
        "quiet_days": kept.quiet_days if kept.quiet == Quiet.OWN else list(range(7)),
        **{GROUP + group.code: kept.groups.get(group.code, When.AT_ONCE) for group in groups},
    }
