"""Why an erasure was asked for: sealed in a container of its own, for the second person, and committed to by both facts."""

from __future__ import annotations

from portal.requests.asked import AskedErasure
from portal.vault import sealing


def seal_reason(erasure: AskedErasure, reason: str) -> dict[str, str]:
    """Seal it and return its commitment. Raises RuntimeError outside a transaction."""
    return sealing.seal(container=erasure.container, values={_name(erasure): reason})


def reason_of(erasure: AskedErasure) -> str:
    return sealing.read_text(erasure.container, _name(erasure))[_name(erasure)]


def refusal_of(erasure: AskedErasure) -> str:
    """Why somebody refused it. Raises KeyError where nobody did."""
    name = f"refusal-{erasure.pk}"
    return sealing.read_text(erasure.container, name)[name]


def commitment_of(erasure: AskedErasure) -> dict[str, str]:
    """The same commitment as when it was asked: the fact of the erasure is by whoever read that reason."""
    reason = sealing.open_all(erasure.container, _name(erasure))[_name(erasure)]
    return {_name(erasure): sealing.commitment(reason.salt, reason.value)}


def _name(erasure: AskedErasure) -> str:
    return f"erasure-{erasure.pk}"
