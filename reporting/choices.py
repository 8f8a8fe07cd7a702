"""The words a report and its duties are described with (the field's terms)."""

from __future__ import annotations

from django.db import models


class Category(models.TextChoices):
    RACIST = "racist", "Racist"
    SEXIST = "sexist", "Sexist or misogynistic"
    HOMOPHOBIC = "homophobic", "Homophobic or transphobic"
    DISABLIST = "disablist", "Disablist"
    RELIGIOUS = "religious", "Religious hatred"
    SEXUAL = "sexual", "Sexual or pornographic"
    BULLYING = "bullying", "Bullying or harassment"
    DISCLOSURE = "disclosure", "Operational or personal information disclosed"
    VICTIM_IMAGE = "victim_image", "Victim or scene image"
    CORRUPTION = "corruption", "Corruption or abuse of position"
    OTHER = "other", "Something else"


class Platform(models.TextChoices):
    WHATSAPP = "whatsapp", "WhatsApp"
    SIGNAL = "signal", "Signal"
    TEAMS = "teams", "Teams"
    SMS = "sms", "Text message (SMS)"
    OTHER = "other", "Another app"


class Setting(models.TextChoices):
    GROUP = "group", "A group"
    ONE_TO_ONE = "one_to_one", "One person"


class SenderKind(models.TextChoices):
    OFFICER = "officer", "An officer"
    STAFF = "staff", "A member of staff"
    PUBLIC = "public", "A member of the public"
    UNKNOWN = "unknown", "Not known"


class YesNoUnsure(models.TextChoices):
    YES = "yes", "Yes"
    NO = "no", "No"
    UNSURE = "unsure", "Not sure"


class Line(models.TextChoices):
    """Whether the reporter's line of command may have the report."""

    MINE = "mine", "My line of command"
    NOT_MINE = "not_mine", "Not my line of command"


class ReportState(models.TextChoices):
    OPEN = "open", "With a senior officer"
    ACTED = "acted", "Acted"
    ERASED = "erased", "Erased"


class DutyState(models.TextChoices):
    SENT = "sent", "Sent"
    OPENED = "opened", "Opened"
    TAKEN_UP = "taken_up", "Taken up"
    ACTED = "acted", "Acted"
    LAPSED = "lapsed", "Deadline missed"
    PASSED = "passed", "Passed on"
    STEPPED_ASIDE = "stepped_aside", "Stepped aside"
    MOVED = "moved", "Moved by professional standards"  # its holder was excluded
    REOPENED = "reopened", "Acted, then reopened"
    ERASED = "erased", "Report erased"  # a lawful order erased the report while the duty was open


OPEN_STATES = (DutyState.SENT, DutyState.OPENED, DutyState.TAKEN_UP)
KEPT_AWAY = (DutyState.STEPPED_ASIDE, DutyState.MOVED)  # how the duty of a holder ended who must not know of the report any more
LOSES = (DutyState.LAPSED, DutyState.PASSED, *KEPT_AWAY, DutyState.ERASED)

# The moves of a duty. The verbs make no others (tests/test_duty_moves.py); PostgreSQL holds the times that each state needs.
DUTY_MOVES: dict[DutyState, tuple[DutyState, ...]] = {
    DutyState.SENT: (DutyState.OPENED, *LOSES),
    DutyState.OPENED: (DutyState.TAKEN_UP, DutyState.ACTED, *LOSES),
    DutyState.TAKEN_UP: (DutyState.ACTED, *LOSES),
    DutyState.ACTED: (DutyState.REOPENED,),
    DutyState.REOPENED: (),
    DutyState.LAPSED: (),
    DutyState.PASSED: (),
    DutyState.STEPPED_ASIDE: (),
    DutyState.MOVED: (),
    DutyState.ERASED: (),
}


class Why(models.TextChoices):
    """Why a duty came to its holder."""

    SENT = "sent", "the report was sent"
    OPEN_MISSED = "open_missed", "the deadline to open was missed"
    ACT_MISSED = "act_missed", "the deadline to act was missed"
    PASSED = "passed", "it was passed on"
    STEPPED_ASIDE = "stepped_aside", "the holder stepped aside"
    MOVED = "moved", "professional standards moved it"
    REFERRED = "referred", "it was referred to professional standards"
    LEFT = "left", "the holder left"
    TRANSFERRED = "transferred", "the holder moved to another unit"
    REOPENED = "reopened", "the report was reopened"
    DISPUTED = "disputed", "the reporter disputed what was done"


AFTER_CLOSING = (Why.REOPENED, Why.DISPUTED)  # what begins a duty on a report that was closed


class Counting(models.TextChoices):
    """Which time counts towards a deadline."""

    ELAPSED = "elapsed", "Elapsed time"
    WORKING = "working", "Working hours"


class Deadline(models.TextChoices):
    OPEN = "open", "open"
    ACT = "act", "act"


class Outcome(models.TextChoices):
    LOCAL = "local", "Taken up and dealt with locally"
    STANDARDS = "standards", "Referred to professional standards"
    CORRUPTION = "corruption", "Referred to counter-corruption"
    SAFEGUARDING = "safeguarding", "Urgent safeguarding action taken"
    NO_ACTION = "no_action", "No further action"


class Excluded(models.TextChoices):
    REPORTER = "reporter", "Reporter"
    SENDER = "sender", "Sent the message"
    NAMED = "named", "Named in the report"
    LINE = "line", "Manages the reporter"  # in professional standards, of a report that leaves the line of command out
    DECLARED = "declared", "Declared an interest"
    FOUND = "found", "Excluded by professional standards"


class Conflicted(models.TextChoices):
    """Why professional standards exclude somebody from a report that was sent."""

    SENDER = "sender", "Sent the message"
    INVOLVED = "involved", "Took part, or the message is about them"
    OTHER = "other", "Another conflict of interest"


class MessageKind(models.TextChoices):
    QUESTION = "question", "Question"
    ANSWER = "answer", "Answer"
    ADDITION = "addition", "Added by the reporter"
    UPDATE = "update", "Word to the reporter"


class PromiseState(models.TextChoices):
    """Of a promise that the reporter hears by a time."""

    OPEN = "open", "Running"
    KEPT = "kept", "Kept"
    MISSED = "missed", "Missed"
    ENDED = "ended", "Ended with the report"


class Counted(models.TextChoices):
    """What figures count of duties."""

    DUTIES = "duties", "Duties"
    LAPSED = "lapsed", "Missed a deadline"
    ASIDE = "aside", "Stepped aside"
    TOLD_OPENED = "told_opened", "From told to opened"
    OPENED_ACTED = "opened_acted", "From opened to acted"
    PASSED_ACTED = "passed_acted", "From when the duty began to acted"


class Grouping(models.TextChoices):
    """What figures are grouped by."""

    UNIT = "unit", "Unit"
    CATEGORY = "category", "Category"
    MONTH = "month", "Month"


class NameState(models.TextChoices):
    """A request to open the name of a reporter who asked for it to be kept back."""

    ASKED = "asked", "Waiting for a second person"
    OPENED = "opened", "Opened"
    CLOSED = "closed", "Closed again"
    REFUSED = "refused", "Refused"
    WITHDRAWN = "withdrawn", "Withdrawn"


class Withholding(models.TextChoices):
    """On what ground a reporter is not told yet that their name was opened."""

    INVESTIGATION = "investigation", "Telling them would harm an investigation or a hearing"
    SAFETY = "safety", "Telling them would put somebody at risk"
    LAW = "law", "A court or the law forbids it"


class Recorded(models.TextChoices):
    """What professional standards decide, and enter later."""

    SEVERITY = "severity", "Severity assessed"
    REFLECTIVE = "reflective", "Reflective practice review (RPRP)"
    IOPC = "iopc", "Referred to the IOPC"
    CRIMINAL = "criminal", "Criminal decision"
