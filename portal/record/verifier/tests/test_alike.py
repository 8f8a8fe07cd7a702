"""Rows that are checked hundreds at a time are refused wherever one by one they would be, and in the same words."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from portal.record.verifier import candour_verify
from portal.record.verifier.candour_verify import Export, Verdict, verify_export
from portal.record.verifier.tests.sample_record import NOW, Signer
from portal.record.verifier.tests.sample_rows import export, forged, mixed, respell_both, spoil


def judged(path: Path) -> Verdict:
    return verify_export(path, keys=Signer().vkeys(), now=NOW)


def one_by_one(path: Path) -> Verdict:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Export, "_alike", lambda *_: None)
        return judged(path)


def test_spoilt_exports_are_refused_in_the_same_words(tmp_path: Path) -> None:
    chance, codes = random.Random(1), Counter[str]()
    record = mixed(chance, 60)
    for each in (1_000_000, 40):
        export(tmp_path / str(each), record, each=each, sizes=[5, 30])
    for number in range(600):
        home = shutil.copytree(tmp_path / chance.choice(["1000000", "40"]), tmp_path / "spoilt")
        (respell_both if number % 10 == 0 else spoil)(chance, home)
        verdict = judged(home)
        assert verdict == one_by_one(home)
        codes[verdict.code] += 1
        shutil.rmtree(home)
    assert len(codes) > 7
    assert codes["good"] < 120  # what changes nothing that counts: the order of chains, two equal lines


def test_facts_of_another_spelling_are_judged_the_same_though_the_log_signed_them(tmp_path: Path) -> None:
    chance, codes = random.Random(2), Counter[str]()
    for number in range(400):
        home = forged(tmp_path / str(number), chance, 12)
        verdict = judged(home)
        assert verdict == one_by_one(home)
        codes[verdict.code] += 1
    assert len(codes) > 3


@pytest.mark.parametrize("piece", [1, 100, 5_000, 1 << 20])
def test_any_size_of_piece_finds_the_same_export_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int) -> None:
    monkeypatch.setattr(candour_verify, "PIECE", piece)
    home = export(tmp_path / "export", mixed(random.Random(3), 90), each=33, sizes=[1, 33, 34, 80])
    verdict = judged(home)
    assert verdict.good, verdict.sentences
    assert "about" in verdict.sentences[0]


def test_most_facts_are_checked_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    alone = list[int]()
    monkeypatch.setattr(Export, "_agree", lambda _self, lines, *_: alone.append(len(lines)))
    home = forged(tmp_path / "export", random.Random(7), 2_000)
    judged(home)
    assert not alone


def test_a_fact_dated_back_among_others_is_named(tmp_path: Path) -> None:
    home = export(tmp_path / "export", mixed(random.Random(3), 90), sizes=[20], at_once=True)
    verdict = judged(home)
    assert (verdict.code, "Fact 20 (duty.told about report:" in verdict.sentences[0]) == ("backdated", True)
    assert verdict == one_by_one(home)
