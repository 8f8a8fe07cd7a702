"""The third page: what the reporter did, and what the senior officer has to know at once."""

from __future__ import annotations

from typing import Any, cast

from django import forms

from portal.ui.fields import CleanTextField, Radios, YesNoField
from reporting.choices import Setting, YesNoUnsure
from reporting.contents import DEVICES, NOT_A_GROUP, ON_DUTY, STILL_IN
from reporting.forms.drafts import DraftForm


def _choice(label: str, choices: Any, required: str, help_text: str = "") -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, widget=Radios(), help_text=help_text, error_messages={"required": required})


class ResponseForm(DraftForm):
    at_risk_now = YesNoField(
        label="Is anybody at risk now?",
        help_text="If somebody is in immediate danger, call for help first. “Yes” makes the deadline shorter.",
        reveals={"yes": "risk"},
        error_messages={"required": "Select whether anybody is at risk now"},
    )
    risk = CleanTextField(label="Who is at risk, and of what?", max_length=2000, long=True, rows=3, required=False)
    challenged = YesNoField(
        label="Did you challenge it?",
        help_text="You can report a message you did not challenge.",
        reveals={"yes": "challenged_how"},
        error_messages={"required": "Select whether you challenged it"},
    )
    challenged_how = CleanTextField(label="What did you say or do?", max_length=2000, long=True, rows=3, required=False)
    still_in = _choice("Are you still in the group?", STILL_IN.items(), "Select whether you are still in the group")
    disappearing = _choice(
        "Are disappearing messages on?",
        YesNoUnsure.choices,
        "Select whether disappearing messages are on",
        "Messages that delete themselves after a time.",
    )
    victim = _choice("May a victim be identified from it?", YesNoUnsure.choices, "Select whether a victim may be identified")
    device = _choice("What did you see it on?", DEVICES.items(), "Select what you saw it on")
    on_duty = _choice("Were you on duty when you saw it?", ON_DUTY.items(), "Select whether you were on duty")
    confidential = YesNoField(
        label="Keep your name from the senior officer?",
        help_text="It may cost you follow-up, and your words or files may still show who you are.",
        error_messages={"required": "Select whether to keep your name from the senior officer"},
    )

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if self.sent_to == Setting.ONE_TO_ONE:
            del self.fields["still_in"]
        elif self.sent_to == Setting.GROUP:
            choices = [(kept, label) for kept, label in STILL_IN.items() if kept != NOT_A_GROUP]
            cast("forms.ChoiceField", self.fields["still_in"]).choices = choices

    def answers(self) -> dict[str, Any]:
        """Of a message to one person nobody is asked whether they are still in the group."""
        not_asked = {} if "still_in" in self.fields else {"still_in": NOT_A_GROUP}
        return {**super().answers(), **not_asked}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("at_risk_now") and "risk" in cleaned and not cleaned["risk"]:
            self.add_error("risk", "Enter who is at risk, and of what")
        if cleaned.get("challenged") and "challenged_how" in cleaned and not cleaned["challenged_how"]:
            self.add_error("challenged_how", "Enter what you said or did")
        return cleaned
