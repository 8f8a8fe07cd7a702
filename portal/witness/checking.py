"""What must be right before the portal starts: the witnesses' policy and the time-stamping authority, each fault with what to do."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from portal.witness.policy import BadPolicy, Policy, read_policy
from portal.witness.posting import address


def check_policy(**_: Any) -> list[CheckMessage]:
    """`WITNESS_POLICY`, where it is set, names a policy whose witnesses can be asked and told apart."""
    if not settings.WITNESS_POLICY:
        return []
    try:
        policy = read_policy(Path(settings.WITNESS_POLICY))
    except (BadPolicy, OSError) as error:
        return [Error(f"WITNESS_POLICY: {settings.WITNESS_POLICY}: {error}", hint="docs/witness.md shows a policy", id="witness.E001")]
    return [*_addresses(policy), *_names(policy)]


def _addresses(policy: Policy) -> list[CheckMessage]:
    faults: list[CheckMessage] = []
    for witness in policy.witnesses.values():
        try:
            if witness.url:
                address(witness.url)
        except ValueError as error:
            faults.append(Error(f"WITNESS_POLICY: the address of {witness.key.name}: {error}", id="witness.E002"))
    return faults


def _names(policy: Policy) -> list[CheckMessage]:
    """The record keeps one cosignature of each name for a checkpoint."""
    names = Counter(witness.key.name for witness in policy.witnesses.values())
    return [
        Error(f"WITNESS_POLICY: {many} witnesses have keys named {name}: list one of them", id="witness.E003")
        for name, many in names.items()
        if many > 1
    ]


def check_authority(**_: Any) -> list[CheckMessage]:
    """`TSA_URL`, where it is set, is an address, and `TSA_ROOTS` names the certificates that its stamps must lead to."""
    if not settings.TSA_URL:
        return []
    try:
        address(settings.TSA_URL)
    except ValueError as error:
        return [Error(f"TSA_URL: {error}", id="witness.E004")]
    from portal.witness.stamping import read_roots

    hint = "Put the authority's root certificates in one PEM file and name it in TSA_ROOTS."
    if not settings.TSA_ROOTS:
        return [Error("TSA_URL is set and TSA_ROOTS is not", hint=hint, id="witness.E005")]
    try:
        read_roots(Path(settings.TSA_ROOTS))
    except (ValueError, OSError) as error:
        return [Error(f"TSA_ROOTS: {settings.TSA_ROOTS}: {error}", hint=hint, id="witness.E005")]
    return []
