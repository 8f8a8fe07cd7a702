"""Reports and the duty to act on them. Private words are in the vault; here are keys, states and times."""

from reporting.models.administered import EscalationPolicy, EscalationRung, OutsideRoute
from reporting.models.drafts import KEPT_FOR, Draft
from reporting.models.duties import Decision, Duty, DutyQuerySet, Handling, Lapse
from reporting.models.erasures import Erasure
from reporting.models.figures import Figure, Measured, Reckoned
from reporting.models.messages import Attachment, Message
from reporting.models.names import NameOpening
from reporting.models.overseen import Conflict, Finding, Link
from reporting.models.promises import Dispute, Promise, PromiseTerms
from reporting.models.reports import Exclusion, Report, ReportQuerySet
from reporting.models.working import Assignment, ChecklistItem, Note, Unrecorded

__all__ = [
    "KEPT_FOR",
    "Assignment",
    "Attachment",
    "ChecklistItem",
    "Conflict",
    "Decision",
    "Dispute",
    "Draft",
    "Duty",
    "DutyQuerySet",
    "Erasure",
    "EscalationPolicy",
    "EscalationRung",
    "Exclusion",
    "Figure",
    "Finding",
    "Handling",
    "Lapse",
    "Link",
    "Measured",
    "Message",
    "NameOpening",
    "Note",
    "OutsideRoute",
    "Promise",
    "PromiseTerms",
    "Reckoned",
    "Report",
    "ReportQuerySet",
    "Unrecorded",
]
