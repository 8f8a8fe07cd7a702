from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from portal.record.canonical import canonical
from portal.record.notes import encode64
from portal.record.verifier import candour_verify
from portal.record.verifier.candour_verify import Verdict, verify_export
from portal.record.verifier.tests.sample_record import CHIEF, NOW, REPORT, Record, Signer, after, story, written

LEAVES = "leaves/000000.jsonl"
Edit = Callable[[list[str]], object]


def checkpoints(record: Record) -> list[str]:
    """Three: after four facts, after ten, and of all, each signed when its last fact had just been written."""
    return [record.checkpoint(size=size, at=at) for size, at in ((4, after(minutes=1)), (10, after(hours=2, minutes=2)), (15, NOW))]


def exported(home: Path, record: Record | None = None, **parts: object) -> Path:
    record = record or story()
    return record.export(home / "export", **{"checkpoints": checkpoints(record), **parts})  # type: ignore[arg-type]


def judged(path: Path, *receipts: bytes, keys: list[str] | None = None, checkpoint: str | None = None) -> Verdict:
    return verify_export(path, keys=Signer().vkeys() if keys is None else keys, receipts=receipts, now=NOW, checkpoint=checkpoint)


def edit(path: Path, change: Edit) -> None:
    rows = path.read_text().splitlines(keepends=True)
    change(rows)
    path.write_text("".join(rows))


def test_an_untouched_export_is_good_with_every_paper_made_of_it(tmp_path: Path) -> None:
    record = story()
    papers = [record.receipt(1, size=10), record.receipt(14, at=NOW), record.statement(record.chain()), record.pending(1)]
    verdict = judged(exported(tmp_path), *map(written, papers))
    assert verdict.good, verdict.sentences
    assert "All 15 facts" in verdict.sentences[0]
    assert sum("agrees with this export" in sentence for sentence in verdict.sentences) == 3
    assert "at number 1" in verdict.sentences[4]


@pytest.mark.parametrize("each", [1, 4, 15, 16])
def test_leaves_in_many_files_are_the_same_record(tmp_path: Path, each: int) -> None:
    assert judged(exported(tmp_path, each=each)).good


def test_an_empty_record_is_good(tmp_path: Path) -> None:
    record = Record()
    note = record.checkpoint(at=NOW, root=sha256(b"").digest())
    assert judged(record.export(tmp_path / "export", checkpoints=[note])).good


def later(rows: list[str]) -> None:
    rows[3] = rows[3].replace("T14:01:00", "T14:01:01")


LEAF_EDITS: dict[str, tuple[Edit, str, str]] = {
    "a fact changed": (lambda rows: rows.__setitem__(14, rows[14].replace("reporter", "standards")), "export_root", "first 15 facts"),
    "a time changed": (later, "export_root", "among numbers 0 to 3"),
    "a fact removed": (lambda rows: rows.pop(3), "export_root", "among numbers 0 to 3"),
    "a fact put in twice": (lambda rows: rows.insert(4, rows[3]), "export_seq", "Fact 4 (duty.told about report:"),
    "two facts exchanged": (lambda rows: rows.insert(2, rows.pop(3)), "export_seq", "Fact 2 (duty.told about report:"),
    "a fact of a chain removed": (lambda rows: rows.pop(9), "export_seq", "Fact 9 (duty.passed about report:"),
    "two facts of different subjects exchanged": (lambda rows: rows.insert(5, rows.pop(6)), "export_root", "first 10 facts"),
    "the last fact cut": (lambda rows: rows.pop(), "export_file", "holds more or fewer facts"),
    "a fact added": (
        lambda rows: rows.append(rows[4].replace("handset:0", "handset:77")),
        "backdated",
        "Fact 15 (handset.claimed about handset:77",
    ),
    "no newline at the end": (lambda rows: rows.__setitem__(14, rows[14][:-1]), "export_file", "does not end in a newline"),
    "no JSON": (lambda rows: rows.__setitem__(5, "hello\n"), "export_leaf", "Fact 5 (hello)"),
    "a fact respelt": (
        lambda rows: rows.__setitem__(5, rows[5].replace('"seq":1', '"seq": 1')),
        "export_leaf",
        "Fact 5 (handset.claimed about handset:1",
    ),
    "a chain moved to another subject": (
        lambda rows: rows.__setitem__(5, rows[5].replace("handset:1", "handset:0")),
        "export_seq",
        "Fact 5",
    ),
}


@pytest.mark.parametrize("name", LEAF_EDITS)
def test_a_changed_leaf_is_found_and_named(tmp_path: Path, name: str) -> None:
    change, code, words = LEAF_EDITS[name]
    home = exported(tmp_path)
    edit(home / LEAVES, change)
    verdict = judged(home)
    assert (verdict.good, verdict.code) == (False, code), verdict.sentences
    assert words in verdict.sentences[0]


def test_a_rewritten_record_with_every_hash_made_anew_does_not_fit_what_was_signed(tmp_path: Path) -> None:
    forged = story()
    forged.leaves[4] = forged.leaves[4].replace("handset.claimed", "handset.returned")
    home = forged.export(tmp_path / "export", checkpoints=checkpoints(story()))
    assert judged(home).code == "export_root"


def test_a_record_rewritten_and_signed_anew_does_not_fit_an_earlier_receipt(tmp_path: Path) -> None:
    forged = story()
    forged.leaves[4] = forged.leaves[4].replace("handset.claimed", "handset.returned")
    home = forged.export(tmp_path / "export", checkpoints=[forged.checkpoint(at=NOW)])
    assert judged(home).good
    verdict = judged(home, written(story().receipt(1)))
    assert (verdict.code, "receipt 1 says" in verdict.sentences[0]) == ("export_root", True)
    assert judged(home, written(story().receipt(4))).code == "export_fact"


def test_a_record_cut_back_and_signed_anew_holds_fewer_facts_than_a_receipt_proves(tmp_path: Path) -> None:
    whole, cut = story(), story()
    for facts in (cut.leaves, cut.disclosed):
        del facts[12:]
    home = cut.export(tmp_path / "export", checkpoints=[cut.checkpoint(at=NOW)])
    verdict = judged(home, written(whole.receipt(1)))
    assert (verdict.code, "fewer than receipt 1 proves there were" in verdict.sentences[0]) == ("export_short", True)


def test_a_fact_written_long_before_a_checkpoint_without_it_was_put_in_later(tmp_path: Path) -> None:
    record = story()
    record.add("report.sent", "report:late", at=after(hours=1))
    home = record.export(tmp_path / "export", checkpoints=[*checkpoints(record), record.checkpoint(at=NOW)])
    verdict = judged(home)
    assert (verdict.code, "Fact 15 (report.sent about report:late" in verdict.sentences[0]) == ("backdated", True)


def test_a_fact_written_shortly_before_may_have_waited_for_its_place(tmp_path: Path) -> None:
    record = story()
    record.add("report.sent", "report:slow", at=NOW - timedelta(seconds=599))
    assert judged(record.export(tmp_path / "export", checkpoints=[*checkpoints(record), record.checkpoint(at=NOW)])).good


def test_time_never_falls_along_a_subject(tmp_path: Path) -> None:
    record = story()
    record.add("duty.told", REPORT, at=after(hours=46))
    home = record.export(tmp_path / "export", checkpoints=[record.checkpoint(at=NOW)])
    assert judged(home).code == "export_order"


def test_checkpoints_are_signed_by_a_trusted_key_and_in_order(tmp_path: Path) -> None:
    record, forger = story(), Record(Signer(seed="forger"))
    forger.leaves = record.leaves
    cases = {
        "unsigned": [*checkpoints(record)[:2], forger.checkpoint(at=NOW)],
        "export_file": [checkpoints(record)[1], checkpoints(record)[0], checkpoints(record)[2]],
        "export_unsigned": checkpoints(record)[:2],
        "future_signed": [*checkpoints(record), record.checkpoint(at=NOW + timedelta(hours=1))],
        "signature": [*checkpoints(record)[:2], checkpoints(record)[2][:-31] + "A" * 27 + "A==\n"],
    }
    for number, (code, notes) in enumerate(cases.items()):
        home = record.export(tmp_path / str(number), checkpoints=notes)
        assert judged(home).code == code


def test_disagreements_are_shown(tmp_path: Path) -> None:
    home = exported(tmp_path)
    (home / "disagreements.jsonl").write_text('{"id":7,"kind":"report.sent"}\n')
    verdict = judged(home)
    assert (verdict.code, '"id":7' in verdict.sentences[0]) == ("export_disagrees", True)


@pytest.mark.parametrize("name", ["checkpoints.jsonl", "disagreements.jsonl", "stamps.jsonl", LEAVES])
def test_an_export_without_one_of_its_files_is_bad(tmp_path: Path, name: str) -> None:
    home = exported(tmp_path)
    (home / name).unlink()
    assert judged(home).code == "export_file"


def test_a_file_too_many_is_bad(tmp_path: Path) -> None:
    home = exported(tmp_path)
    (home / "leaves" / "000001.jsonl").write_text("")
    assert judged(home).code == "export_file"


@pytest.mark.parametrize("change", [{"size": "15"}, {"leaves_per_file": 0}, {"extra": 1}, {"origin": 7}, {"keys": ["x"]}])
def test_a_manifest_that_is_changed_is_bad(tmp_path: Path, change: dict[str, object]) -> None:
    home = exported(tmp_path)
    manifest = json.loads((home / "candour-export.json").read_text())
    (home / "candour-export.json").write_text(canonical(manifest | change))
    assert judged(home).code == "export_file"


def test_a_manifest_that_claims_more_files_than_memory_holds_is_bad_at_once(tmp_path: Path) -> None:
    home = exported(tmp_path)
    manifest = json.loads((home / "candour-export.json").read_text())
    (home / "candour-export.json").write_text(canonical(manifest | {"size": 2**53 - 1, "leaves_per_file": 1}))
    assert judged(home).code == "export_file"


def test_without_a_key_an_export_is_checked_and_refused(tmp_path: Path) -> None:
    home = exported(tmp_path)
    verdict = judged(home, keys=[])
    assert (verdict.code, Signer().vkeys()[0] in verdict.sentences[0]) == ("no_key", True)
    edit(home / LEAVES, later)
    assert judged(home, keys=[]).code == "export_root"


def test_an_export_of_another_record_is_bad(tmp_path: Path) -> None:
    assert judged(exported(tmp_path), keys=Signer("portal.other.example/record", "other").vkeys()).code == "wrong_origin"


def test_a_receipt_that_is_bad_makes_the_whole_bad(tmp_path: Path) -> None:
    spoilt = written(story().receipt(1)).replace(b"14:00:00.000000", b"15:00:00.000000", 1)
    assert judged(exported(tmp_path), spoilt).code == "swapped_proof"


def test_a_promise_that_was_not_kept_is_shown(tmp_path: Path) -> None:
    other = story()
    other.add("report.sent", "report:lost", at=after(hours=1))
    due, early = other.pending(15, by=NOW), other.pending(15, by=NOW + timedelta(minutes=1))
    assert judged(exported(tmp_path), written(due)).code == "export_unkept"
    verdict = judged(tmp_path / "export", written(early))
    assert (verdict.good, "may not hold its fact yet" in verdict.sentences[1]) == (True, True)


def test_an_export_of_a_later_shard_says_whether_it_holds_the_fact(tmp_path: Path) -> None:
    later_shard = Record(Signer(f"{Signer().origin}/2"))
    later_shard.leaves, later_shard.heads = story().leaves, story().heads
    keys = [*Signer().vkeys(), *later_shard.signer.vkeys()]
    home = later_shard.export(tmp_path / "whole", checkpoints=[later_shard.checkpoint(at=NOW)])
    verdict = judged(home, written(story().receipt(1)), keys=keys)
    assert (verdict.good, "stands in this export of" in verdict.sentences[1]) == (True, True)
    fresh = Record(later_shard.signer)
    fresh.add("record.shard_opened", "record:shard", actor=CHIEF)
    home = fresh.export(tmp_path / "fresh", checkpoints=[fresh.checkpoint(at=NOW)])
    assert judged(home, written(story().receipt(1)), keys=keys).code == "other_shard"


def test_an_export_is_held_against_a_checkpoint_of_ones_own(tmp_path: Path) -> None:
    home = exported(tmp_path)
    assert judged(home, checkpoint=story().checkpoint(size=7)).good
    assert judged(home, checkpoint=story().checkpoint(size=7, root=bytes(32))).code == "export_root"


def test_stamps_name_a_checkpoint_of_the_export(tmp_path: Path) -> None:
    text = story().checkpoint(size=10).partition("\n\n")[0] + "\n"
    token = b"\x30\x82" + sha256(text.encode()).digest() + b"\x04"
    good = canonical({"size": 10, "token": encode64(token)})
    verdict = judged(exported(tmp_path / "good", stamps=[good]))
    assert (verdict.good, "1 time stamps name" in verdict.sentences[1]) == (True, True)
    assert judged(exported(tmp_path / "bad", stamps=[canonical({"size": 10, "token": encode64(b"x")})])).code == "export_stamp"
    assert judged(exported(tmp_path / "other", stamps=[canonical({"size": 11, "token": encode64(token)})])).code == "export_stamp"


def test_a_subject_that_needs_reading_in_full_is_read(tmp_path: Path) -> None:
    record = Record()
    for subject in ('report:"quoted"', "report:back\\slash", 'x:,"prev":"', "report:é"):
        for _ in range(3):
            record.add(
                "odd", subject, facts={"prev": "p", "text": ',"prev":"x","sealed":{},"seq":9,"subject":"y","v":2}'}, sealed={"prev": b"x"}
            )
    assert judged(record.export(tmp_path / "export", checkpoints=[record.checkpoint(at=NOW)])).good


def test_a_line_that_never_ends_is_not_read_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(candour_verify, "CHUNK", 1_000)
    home = exported(tmp_path)
    with (home / LEAVES).open("a") as file:
        file.write("x" * 9_000)
    assert judged(home).code == "export_file"


def test_what_is_no_export_is_unreadable(tmp_path: Path) -> None:
    with pytest.raises(candour_verify.Unreadable):
        judged(tmp_path)
