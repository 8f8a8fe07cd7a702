"""From sending a report to a receipt that anybody can check: the page, the file, and the verifier run as a stranger would run it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from portal.record.keeping import Keeper
from portal.record.verifier import candour_verify
from tests.journeys.conftest import Visitor
from tests.journeys.steps import CONSTABLE, send_report

both = pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "plain"])


@pytest.fixture
def clock(force: None) -> Iterator[Keeper]:
    """What signs the record, one round at a time."""
    keeper = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
    yield keeper
    keeper.close()


def keep(clock: Keeper) -> None:
    while clock.round():
        pass


@both
def test_an_officer_takes_away_a_receipt_that_a_stranger_can_check(
    visitor: Callable[..., Visitor], clock: Keeper, javascript: bool, tmp_path: Path
) -> None:
    officer = visitor(CONSTABLE, javascript=javascript)
    officer.go("/receipts/")
    officer.sees("You have no receipts yet.")
    reference = send_report(officer)
    officer.sees("Your receipt is pending. It becomes final by itself.")
    keep(clock)
    officer.page.reload()
    officer.sees("Your receipt is ready.")
    officer.press("Receipts")
    officer.sees(f"Report {reference}")
    officer.open_link("You sent it")
    officer.sees("Final")
    said = run(officer, taken(officer, tmp_path / "taken.receipt.json"), tmp_path)
    assert (said.returncode, said.stdout.splitlines()[0]) == (0, "GOOD.")
    assert f"You sent report {reference}" in said.stdout


def taken(officer: Visitor, where: Path) -> Path:
    with officer.page.expect_download() as awaited:
        officer.page.get_by_role("button", name="Download the receipt").click()
    awaited.value.save_as(where)
    assert awaited.value.suggested_filename.startswith("report-sent-MR-")
    return where


def run(officer: Visitor, receipt: Path, home: Path) -> Any:
    """The verifier as one file, in a directory of its own, with the keys that the portal publishes."""
    keys, program = home / "keys", home / "candour_verify.py"
    keys.write_text(officer.context.request.get("/record/keys").text())
    program.write_bytes(Path(candour_verify.__file__).read_bytes())
    return subprocess.run(
        [sys.executable, "-I", program, receipt, "--key", keys], capture_output=True, text=True, cwd=home, timeout=60, check=False
    )


def test_what_a_line_of_the_list_offers_is_large_enough_for_a_thumb(visitor: Callable[..., Visitor], clock: Keeper) -> None:
    officer = visitor(CONSTABLE)
    send_report(officer)
    keep(clock)
    officer.go("/receipts/")
    acts = officer.page.locator(".app-aside a, .app-aside button").all()
    assert len(acts) >= 4
    assert all(box["height"] >= 24 and box["width"] >= 24 for act in acts if (box := act.bounding_box()))
