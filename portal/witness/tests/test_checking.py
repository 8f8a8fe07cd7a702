from __future__ import annotations

from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.checks import CheckMessage, run_checks
from django.core.checks.registry import registry
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from portal.record.notes import COSIGNATURE, public_key
from portal.witness.checking import check_authority, check_policy
from portal.witness.tests.authority import Authority


def vkey(number: int, name: str = "witness.example/w") -> str:
    return str(public_key(name, COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes([number]) * 32)))


def faults() -> list[CheckMessage]:
    return [found for found in run_checks() if (found.id or "").startswith("witness.")]


@pytest.fixture
def policy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "WITNESS_POLICY", str(tmp_path / "policy"))
    return tmp_path / "policy"


def test_nothing_is_asked_for_where_nothing_is_set() -> None:
    assert check_policy() == check_authority() == []
    assert {check_policy, check_authority} <= set(registry.get_checks())


@pytest.mark.parametrize(
    ("text", "fault", "sentence"),
    [
        (None, "witness.E001", "No such file"),
        ("quorum\n", "witness.E001", "line 1: a quorum is"),
        (f"witness W {vkey(1)} w.example\nquorum W\n", "witness.E002", "the address of witness.example/w: an address is"),
        (f"witness W {vkey(1)} https://w.example:port\nquorum W\n", "witness.E002", "the address of witness.example/w: "),
        (f"witness W {vkey(1)}\nwitness V {vkey(2)}\nquorum W\n", "witness.E003", "2 witnesses have keys named witness.example/w"),
    ],
)
def test_a_policy_that_will_not_do_keeps_the_portal_from_starting(policy: Path, text: str | None, fault: str, sentence: str) -> None:
    if text is not None:
        policy.write_text(text)
    (error,) = faults()
    assert (error.id, sentence in error.msg) == (fault, True)
    with pytest.raises(SystemCheckError, match=fault):
        call_command("check")


def test_a_policy_that_will_do_is_passed(policy: Path) -> None:
    policy.write_text(f"witness W {vkey(1)} https://w.example/\nwitness V {vkey(2, 'witness.example/v')}\ngroup G any W V\nquorum G\n")
    assert faults() == []


def test_an_authority_needs_an_address_and_certificates_to_trust(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def given(url: str, roots: str) -> list[str | None]:
        monkeypatch.setattr(settings, "TSA_URL", url)
        monkeypatch.setattr(settings, "TSA_ROOTS", roots)
        return [found.id for found in faults()]

    (tmp_path / "empty.pem").write_text("")
    good = str(Authority(tmp_path / "tsa").roots)
    assert given("tsa.example", good) == ["witness.E004"]
    assert given("http://tsa.example/", "") == ["witness.E005"]
    assert given("http://tsa.example/", str(tmp_path / "none.pem")) == ["witness.E005"]
    assert given("http://tsa.example/", str(tmp_path / "empty.pem")) == ["witness.E005"]
    assert given("http://tsa.example/", good) == []
