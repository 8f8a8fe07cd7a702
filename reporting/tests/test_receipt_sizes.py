"""How large receipts get: at most 4 kB in a record of ten million facts, apart from what their holder wrote."""

from __future__ import annotations

import json
import os

import pytest

from portal.receipts.words import Covering
from portal.record.keeping import Keeper
from portal.record.models import Fact
from portal.record.tiles import Tiles
from reporting import acting, taking_up
from reporting.choices import Outcome
from reporting.tests.browsing import signed_in
from reporting.tests.reporters import force, sent

pytestmark = pytest.mark.django_db(transaction=True)
TEN_MILLION = 10_000_000
LONGEST_PATH = (TEN_MILLION - 1).bit_length()


def test_a_receipt_without_its_holders_words_is_at_most_four_kilobytes(keeper: Keeper, monkeypatch: pytest.MonkeyPatch) -> None:
    people = force()
    report = sent(people[0])
    taking_up.take_up(person=people[2], report_id=report.pk)
    acting.act(person=people[2], report_id=report.pk, outcome=Outcome.LOCAL, reasons="Because", shared="Thank you")
    keeper.round()

    def longest(covering: Covering, tiles: Tiles, index: int) -> list[bytes]:
        return [os.urandom(32) for _ in range(LONGEST_PATH)]

    monkeypatch.setattr(Covering, "path", longest)
    client = signed_in(people[0])
    sizes = {}
    for fact in Fact.objects.for_subject(report.subject).exclude(kind="report.consulted"):
        data = client.get(f"/receipts/{fact.pk}/download").content
        written = len(json.dumps(json.loads(data)["disclosed"], separators=(",", ":"))) - 2
        digits = len(str(TEN_MILLION)) * 2  # the index and the size are short in a small tree
        sizes[fact.kind] = len(data) - written + digits
    assert max(sizes.values()) <= 4_096, sizes
    assert set(sizes) >= {"report.sent", "duty.passed", "duty.opened", "duty.acted"}
