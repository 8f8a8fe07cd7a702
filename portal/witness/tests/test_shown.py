from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.test import Client
from django.utils.html import strip_tags

from portal.record.keeping import Keeper
from portal.record.notes import COSIGNATURE, public_key
from portal.witness.models import Standing
from portal.witness.standing import Outcome, note_outcomes

AT = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)


def shown(client: Client) -> str:
    answer = client.get("/record/")
    assert answer.status_code == 200
    return " ".join(strip_tags(answer.content.decode()).split())


@pytest.mark.django_db(transaction=True)
def test_anybody_sees_that_nobody_else_signs(client: Client, keeper: Keeper) -> None:
    keeper.round()
    assert "No other organisation signs the record yet" in shown(client)


@pytest.mark.django_db(transaction=True)
def test_anybody_sees_each_witness_with_its_trouble_and_its_last_alarm(
    client: Client, keeper: Keeper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeper.round()
    keys = [public_key(f"w{n}.example", COSIGNATURE, Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)) for n in (1, 2)]
    (tmp_path / "policy").write_text(f"witness A {keys[0]}\nwitness B {keys[1]}\ngroup G any A B\nquorum G\n")
    monkeypatch.setattr(settings, "WITNESS_POLICY", str(tmp_path / "policy"))
    monkeypatch.setattr(settings, "TSA_URL", "https://tsa.example/stamp")
    page = shown(client)
    assert "w1.example Has not signed yet w2.example Has not signed yet" in page
    assert "Not enough of them have signed the newest state yet" in page
    assert "Daily time stamp Has not signed yet" in page
    note_outcomes([Outcome("w1.example", 1234, AT)], kind=Standing.Kind.WITNESS, origin="log.example/record")
    for trouble, alert in (("it has cosigned another root for this size", True), ("it could not be reached", False)):
        note_outcomes([Outcome("w2.example", trouble=trouble, alert=alert)], kind=Standing.Kind.WITNESS, origin="log.example/record")
    note_outcomes([Outcome("tsa.example/stamp", 7, AT)], kind=Standing.Kind.AUTHORITY, origin="log.example/record")
    page = shown(client)
    assert "w1.example Last signed 1,234 facts, " in page
    assert "Not now The last time it was asked, it could not be reached." in page
    assert ": it has cosigned another root for this size." in page
    assert "Daily time stamp Last signed 7 facts, " in page
