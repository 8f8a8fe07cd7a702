"""The page that checks receipts, in a browser: it judges every vector as the stand-alone verifier does, in the same words."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from django.db import transaction

from portal.record import published
from portal.record.appending import append, process_actor
from portal.record.keeping import Keeper
from portal.record.verifier.tests.sample_record import NOW
from portal.record.verifier.tests.vectors import HOME
from tests.journeys.conftest import DESK, PHONE, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
Visitors = Callable[..., Visitor]
JUDGE = """async ([address, vectors]) => {
  const {verify} = await import(address);
  const read = (id) => JSON.parse(document.getElementById(id).textContent);
  const given = {sentences: read("verify-sentences"), why: read("verify-why")};
  const told = [];
  for (const {data, keys, at} of vectors) {
    told.push(await verify(Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0)), {given, keys, now: at}));
  }
  return told;
}"""
BROWSERS_OWN = ("policy", "checkpoint", "max_age")  # what only the stand-alone verifier can be given
screens = pytest.mark.parametrize("viewport", [PHONE, DESK], ids=["phone", "desk"])


def kept(group: str = "*") -> list[dict[str, Any]]:
    return [vector for path in sorted(HOME.glob(f"{group}.json")) for vector in json.loads(path.read_text()) if "code" in vector]


def judged(visitor: Visitor, vectors: list[dict[str, Any]]) -> list[dict[str, Any]]:
    given = [{"data": one["data"], "keys": one["keys"], "at": datetime.fromisoformat(one["now"]).timestamp() * 1000} for one in vectors]
    script = visitor.page.locator("script[src*=verify]").get_attribute("src")
    told: list[dict[str, Any]] = visitor.page.evaluate(JUDGE, [script, given])
    return told


def choose(visitor: Visitor, path: Path, keys: list[str]) -> None:
    visitor.page.get_by_text("Trust other keys too").click()
    visitor.page.get_by_label("Keys, one on each line").fill("\n".join(keys))
    visitor.page.get_by_label("The file").set_input_files(path)
    visitor.page.locator("#verify-result h2").wait_for()
    visitor.check()


def written(home: Path, title: str, group: str = "good", *, name: str = "my.receipt.json") -> tuple[Path, list[str]]:
    vector = next(one for one in kept(group) if one["name"] == title)
    path = home / name
    path.write_bytes(base64.b64decode(vector["data"]))
    return path, vector["keys"]


@screens
def test_the_page_judges_every_vector_as_the_file_does(visitor: Visitors, viewport: dict[str, int]) -> None:
    stranger = visitor(viewport=viewport)
    stranger.go("/record/verify/")
    vectors = [one for one in kept() if not any(one[name] is not None for name in BROWSERS_OWN)]
    assert len(vectors) > 70
    for vector, told in zip(vectors, judged(stranger, vectors), strict=True):
        assert (told["code"], told["sentences"]) == (vector["code"], vector["sentences"]), vector["name"]
        assert told["good"] == (vector["code"] == "good"), vector["name"]


def test_the_page_refuses_every_signature_that_others_published_as_weak(visitor: Visitors) -> None:
    stranger = visitor()
    stranger.go("/record/verify/")
    script = stranger.page.locator("script[src*=verify]").get_attribute("src")
    cases = json.loads((HOME / "published.json").read_text())["ed25519"]
    given = [[one["public"], one["message"], one["signature"]] for one in cases]
    told = stranger.page.evaluate(
        """async ([address, cases]) => {
          const {ed25519, unhex} = await import(address);
          return Promise.all(cases.map((one) => ed25519(...one.map(unhex))));
        }""",
        [script, given],
    )
    assert told == [one["good"] for one in cases]


@screens
def test_a_receipt_is_checked_where_it_is_chosen(visitor: Visitors, viewport: dict[str, int], tmp_path: Path) -> None:
    stranger = visitor(viewport=viewport)
    stranger.context.clock.set_fixed_time(NOW)
    stranger.go("/record/verify/")
    sent: list[str] = []
    stranger.page.on("request", lambda request: sent.append(request.url))
    path, keys = written(tmp_path, "a receipt with a file and words")
    choose(stranger, path, keys)
    stranger.sees("my.receipt.json is good")
    stranger.sees("You sent a report. Recorded at 14:00:00 UTC on 23 November 2026.")
    closer = stranger.page.locator("#verify-result details")
    assert not closer.get_by_text("holds this fact").is_visible()
    closer.locator("summary").click()
    closer.get_by_text("holds this fact").wait_for()
    stranger.check()
    assert sent == [], "nothing leaves the browser"


@screens
def test_a_paper_copy_is_checked_by_the_file_in_it(visitor: Visitors, viewport: dict[str, int], tmp_path: Path) -> None:
    stranger = visitor(viewport=viewport)
    stranger.context.clock.set_fixed_time(NOW)
    stranger.go("/record/verify/")
    sent: list[str] = []
    stranger.page.on("request", lambda request: sent.append(request.url))
    path, keys = written(tmp_path, "a paper with its statement attached, deflated", "paper", name="statement.pdf")
    choose(stranger, path, keys)
    stranger.sees("statement.pdf is good")
    stranger.sees("The file attached to this PDF was checked, not what is printed on it.")
    stranger.sees("Nobody opened it before the deadline")
    assert sent == [], "nothing leaves the browser"


@screens
def test_a_receipt_that_was_changed_is_refused_in_words(visitor: Visitors, viewport: dict[str, int], tmp_path: Path) -> None:
    stranger = visitor(viewport=viewport)
    stranger.go("/record/verify/")
    path, keys = written(tmp_path, "two values the other way round", "swapped")
    choose(stranger, path, keys)
    stranger.sees("my.receipt.json is not proved")
    stranger.sees("it was changed, or belongs to another fact")


def test_a_file_that_is_dropped_is_checked(visitor: Visitors) -> None:
    stranger = visitor()
    stranger.go("/record/verify/")
    stranger.page.evaluate(
        """() => {
          const dataTransfer = new DataTransfer();
          dataTransfer.items.add(new File(["hello"], "holiday.json"));
          document.getElementById("verify").dispatchEvent(new DragEvent("drop", {dataTransfer, bubbles: true, cancelable: true}));
        }"""
    )
    stranger.page.locator("#verify-result h2").wait_for()
    stranger.sees("This is not a receipt, a statement of duty or an export of the record.")
    stranger.check()


def test_the_page_shows_the_keys_it_trusts(visitor: Visitors, keeper: Keeper) -> None:
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    keeper.round()
    stranger = visitor()
    stranger.go("/record/verify/")
    assert published.trusted_keys()
    for key in published.trusted_keys():
        stranger.sees(key)


@pytest.mark.parametrize(
    "change", ["crypto.subtle.importKey = () => Promise.reject(new Error())", "delete Object.getPrototypeOf(crypto).subtle"]
)
def test_a_browser_that_cannot_check_says_so(visitor: Visitors, change: str) -> None:
    stranger = visitor()
    stranger.context.add_init_script(change)
    stranger.go("/record/verify/")
    stranger.page.locator("#verify-unable").wait_for()
    stranger.sees("This browser cannot check signatures here.")
    assert not stranger.page.locator("#verify").is_visible()
    stranger.check()


@screens
def test_without_javascript_the_page_says_how_to_check_without_it(visitor: Visitors, viewport: dict[str, int]) -> None:
    stranger = visitor(viewport=viewport, javascript=False)
    stranger.go("/record/verify/")
    stranger.sees("python3 candour_verify.py my.receipt.json --key keys.txt")
    assert not stranger.page.locator("#verify").is_visible()
