"""In whose name a reporter's later words stand on the report's chain (docs/decisions/0024).

Where the reporter asked for their name to be kept back, a process writes the fact, and who the author is stands in it as a salted hash that
the reporter alone can open. So the fact holds nothing that has to be withheld from a holder, and their proof that nobody acted stays whole.
"""

from __future__ import annotations

import uuid

from portal.record.appending import person_actor, process_actor
from reporting.models import Report

AUTHOR = "author-"


def actor(report: Report, process: str) -> str:
    """Who writes what this report's reporter says now; `process`: the name of what writes it for a reporter who is not named."""
    return process_actor(process) if report.confidential else person_actor(report.reporter)


def author(report: Report, key: uuid.UUID) -> dict[str, str]:
    """What to seal beside the words that `key` stands for: nothing where the fact names its author."""
    if not report.confidential:
        return {}
    reporter = report.reporter
    return {f"{AUTHOR}{key}": f"{reporter.name_unit_and_number}, {person_actor(reporter)}"}
