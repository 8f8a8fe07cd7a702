"""Receipts, read back by the stand-alone verifier."""

from __future__ import annotations

import json
from typing import Any, Protocol

from portal.record import published
from portal.record.models import Fact
from portal.record.verifier import candour_verify


def checked(data: bytes) -> dict[str, Any]:
    """The members of a receipt that the verifier finds good under the keys that the portal publishes."""
    verdict = candour_verify.verify_receipt(data, keys=published.trusted_keys())
    assert verdict.good, verdict.sentences
    members: dict[str, Any] = json.loads(data)
    return members


class HasSubject(Protocol):
    @property
    def subject(self) -> str: ...


def fact_of(about: HasSubject, kind: str) -> Fact:
    """The newest fact of this kind about the report, or whatever else has a chain."""
    fact = Fact.objects.for_subject(about.subject).of_kind(kind).last()
    assert fact is not None
    return fact
