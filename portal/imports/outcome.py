"""What an import found and did, as its callers show it."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from portal.imports.staging import Fault


class ImportStopped(Exception):
    """Nothing was imported, because of the file as a whole; the text says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """`counts` are whole numbers by name; `faults` and `notes` the first of each, for a page; the report has them all.
    `stopped` is a sentence where the file as a whole looks wrong and the administrator has to say that it is meant."""

    import_id: uuid.UUID | None
    digest: str
    counts: dict[str, int]
    faults: list[Fault] = field(default_factory=list)
    notes: list[Fault] = field(default_factory=list)
    stopped: str = ""

    @property
    def applied(self) -> bool:
        """Whether anything was written: not for a dry run, nor for a file with faults unless good rows alone were asked for."""
        return self.import_id is not None
