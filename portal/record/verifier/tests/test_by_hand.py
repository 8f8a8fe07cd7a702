"""The ten lines of docs/record.md, run as they stand there."""

from __future__ import annotations

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from portal.record.verifier.tests.vectors import HOME

TEXT = (Path(__file__).resolve().parents[4] / "docs" / "record.md").read_text()
LINES = re.findall(r"^```python\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE)
GOOD = {one["name"]: base64.b64decode(one["data"]) for one in json.loads((HOME / "good.json").read_text())}


def by_hand(receipt: bytes, home: Path) -> str:
    (home / "r.json").write_bytes(receipt)
    done = subprocess.run([sys.executable, "-c", LINES[0]], cwd=home, capture_output=True, text=True, check=True)
    return done.stdout


@pytest.mark.parametrize("name", GOOD)
def test_a_good_receipt_leads_to_the_signed_root(name: str, tmp_path: Path) -> None:
    assert by_hand(GOOD[name], tmp_path).startswith("True - and now check")


def test_another_fact_does_not(tmp_path: Path) -> None:
    receipt = json.loads(GOOD["a receipt in a tree of a thousand"])
    receipt["leaf"] = receipt["leaf"].replace('"seq":', '"seq":1')
    assert by_hand(json.dumps(receipt).encode(), tmp_path).startswith("False")


def test_they_are_ten() -> None:
    assert len(LINES) == 1
    assert len(LINES[0].splitlines()) == 10
