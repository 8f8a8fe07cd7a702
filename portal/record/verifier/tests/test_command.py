"""The file as anybody runs it: alone, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from portal.record.verifier import candour_verify
from portal.record.verifier.tests.sample_record import NOW, Record, Signer, after, story, written

FILE = candour_verify.__file__
OLD = Signer(seed="old")
WHEN = ["--now", "2026-11-25T14:00:00Z"]


def run(*arguments: object) -> tuple[int, str]:
    done = subprocess.run([sys.executable, "-I", FILE, *map(str, arguments)], capture_output=True, check=False)
    assert b"Traceback" not in done.stderr, done.stderr.decode()
    return done.returncode, done.stdout.decode()


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    path = tmp_path / "keys.txt"
    path.write_text("# from the notice board\n" + "".join(f"{key}\n" for key in Signer().vkeys()))
    return path


@pytest.fixture
def receipt(tmp_path: Path) -> Path:
    path = tmp_path / "my.receipt.json"
    path.write_bytes(written(story().receipt(1, at=NOW)))
    return path


def test_it_imports_the_standard_library_alone() -> None:
    loaded = "[getattr(one, '__file__', None) or '' for one in sys.modules.values()]"
    code = f"import sys, runpy; runpy.run_path({FILE!r}); sys.exit(any('site-packages' in name for name in {loaded}))"
    assert subprocess.run([sys.executable, "-I", "-S", "-c", code], check=False).returncode == 0


def test_good_bad_and_unreadable_end_with_0_1_and_2(receipt: Path, keys: Path) -> None:
    assert run(receipt, "--key", keys, *WHEN)[0] == 0
    code, words = run(receipt, *WHEN)
    assert (code, Signer().vkeys()[0] in words) == (1, True)
    receipt.write_bytes(receipt.read_bytes()[:900])
    code, words = run(receipt, "--key", keys, *WHEN)
    assert (code, words.startswith("UNREADABLE. This file ends before it is complete")) == (2, True)


def test_keys_are_given_as_lines_too(receipt: Path) -> None:
    one, two = Signer().vkeys()
    assert run(receipt, "--key", one, "--key", two, *WHEN)[0] == 0
    assert run(receipt, "--key", one, *WHEN)[0] == 1


def test_an_export_and_a_receipt_are_held_against_each_other_from_either_side(receipt: Path, keys: Path, tmp_path: Path) -> None:
    record = story()
    home = record.export(tmp_path / "export", checkpoints=[record.checkpoint(at=NOW)])
    assert run(home, "--key", keys, "--receipt", receipt, *WHEN)[0] == 0
    code, words = run(receipt, "--key", keys, "--export", home, *WHEN)
    assert (code, "agrees with this export" in words) == (0, True)
    (home / "leaves" / "000000.jsonl").write_text("")
    assert run(receipt, "--key", keys, "--export", home, *WHEN)[0] == 1


@pytest.fixture
def after_rotation(tmp_path: Path) -> Path:
    """What /record/keys lists once a log key was followed by another."""
    path = tmp_path / "rotated.txt"
    path.write_text("".join(f"{key}\n" for key in Signer().vkeys()) + f"# retired: {OLD.vkeys()[0]}\n")
    return path


def signed(home: Path, *signers: Signer, root: bytes = b"") -> Path:
    """An export with a checkpoint by each of these, the last of everything; `root`: of the first."""
    record = story()
    sizes = [*[(4, after(minutes=1)), (10, after(hours=2, minutes=2))][: len(signers) - 1], (15, NOW)]
    by = zip(signers, sizes, strict=True)
    notes = [replace(record, signer=one).checkpoint(size=size, at=at, root=root if size == 4 else b"") for one, (size, at) in by]
    return record.export(home / "export", checkpoints=notes)


def test_an_export_is_good_whose_older_checkpoints_a_key_signed_that_was_retired(after_rotation: Path, tmp_path: Path) -> None:
    code, words = run(signed(tmp_path, OLD, OLD, Signer()), "--key", after_rotation, *WHEN)
    assert (code, "2 of these checkpoints are signed with a key that the record has retired since" in words) == (0, True), words


@pytest.mark.parametrize("signers", [(OLD, OLD), (Signer(), OLD)])
def test_a_retired_key_signs_no_last_checkpoint(signers: tuple[Signer, ...], after_rotation: Path, tmp_path: Path) -> None:
    code, words = run(signed(tmp_path, *signers), "--key", after_rotation, *WHEN)
    assert (code, f"signed with {OLD.vkeys()[0]}, which the record" in words) == (1, True), words


def test_a_retired_key_signs_no_other_tree(after_rotation: Path, tmp_path: Path) -> None:
    code, words = run(signed(tmp_path, OLD, OLD, Signer(), root=bytes(32)), "--key", after_rotation, *WHEN)
    assert (code, "first 4 facts" in words) == (1, True), words


def test_a_key_that_nobody_lists_signs_nothing(after_rotation: Path, tmp_path: Path) -> None:
    code, words = run(signed(tmp_path, Signer(seed="forger"), Signer()), "--key", after_rotation, *WHEN)
    assert (code, "has not signed this checkpoint" in words) == (1, True), words


def test_a_receipt_by_a_retired_key_is_good_for_whoever_says_so(after_rotation: Path, tmp_path: Path) -> None:
    path = tmp_path / "old.receipt.json"
    path.write_bytes(written(replace(story(), signer=OLD).receipt(1, at=NOW)))
    code, words = run(path, "--key", after_rotation, *WHEN)
    assert (code, "take “# retired: ” off its line" in words) == (1, True), words
    after_rotation.write_text(after_rotation.read_text().replace("# retired: ", "", 1).partition("#")[0] + f"{OLD.vkeys()[1]}\n")
    assert run(path, "--key", after_rotation, *WHEN)[0] == 0


def test_every_option_is_heeded(receipt: Path, keys: Path, tmp_path: Path) -> None:
    policy, checkpoint = tmp_path / "policy", tmp_path / "checkpoint"
    policy.write_text(f"witness one {Signer().witness_key()}\nquorum one\n")
    checkpoint.write_text(story().checkpoint(size=9))
    assert "witnesses that your policy asks for" in run(receipt, "--key", keys, "--policy", policy, *WHEN)[1]
    assert "newer than the checkpoint of 9 facts" in run(receipt, "--key", keys, "--checkpoint", checkpoint, *WHEN)[1]
    assert "longer ago than the 1 days" in run(receipt, "--key", keys, "--max-age", 1, "--now", "2026-12-25T14:00:00Z")[1]
    assert "not come yet" in run(receipt, "--key", keys, "--now", "2026-11-24")[1]


ODD = ["", "no/such/file", "/", "/dev/null", "\udcff", "x" * 5_000]


@pytest.mark.parametrize("name", ODD)
def test_odd_names_are_unreadable_and_never_a_fault(name: str, keys: Path, receipt: Path, tmp_path: Path) -> None:
    assert run(name, "--key", keys)[0] == 2
    assert run(receipt, "--key", name)[0] == 2
    assert run(receipt, "--key", keys, "--policy", name or "none", *WHEN)[0] == 2
    assert run(receipt, "--key", keys, "--checkpoint", name or "none", *WHEN)[0] == 2
    assert run(receipt, "--key", keys, "--export", name or "none", *WHEN)[0] == 2


def test_odd_contents_are_unreadable_and_never_a_fault(keys: Path, receipt: Path, tmp_path: Path) -> None:
    odd = tmp_path / "odd"
    for content in (
        b"",
        b"\x00" * 100,
        b"[" * 100_000,
        b"9" * 100_000,
        b"\xff\xfe{\x00}\x00",
        b'"\\ud800"',
        b'{"candour":NaN}',
        b'{"candour":{}}',
    ):
        odd.write_bytes(content)
        assert run(odd, "--key", keys)[0] == 2, content[:20]
        assert run(receipt, "--key", odd)[0] == 2
    for option in ("--policy", "--checkpoint"):
        assert run(receipt, "--key", keys, option, odd, *WHEN)[0] == 2


def test_a_file_of_a_hundred_megabytes_is_not_read(keys: Path, tmp_path: Path) -> None:
    large = tmp_path / "large"
    with large.open("wb") as file:
        file.truncate(100 << 20)
    code, words = run(large, "--key", keys)
    assert (code, "larger than any receipt" in words) == (2, True)


@pytest.mark.parametrize("arguments", [["--now", "yesterday"], ["--max-age", "-1"], ["--max-age", "9" * 30], ["--bogus"]])
def test_what_is_asked_wrongly_is_said(arguments: list[str], receipt: Path) -> None:
    assert run(receipt, *arguments)[0] == 2


def test_a_terminal_that_knows_no_unicode_is_no_fault(receipt: Path, keys: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", FILE, receipt, "--key", keys, *WHEN],
        capture_output=True,
        check=False,
        env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"},
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_reader_who_stops_reading_is_no_fault(receipt: Path, keys: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-I", FILE, receipt, "--key", keys, *WHEN], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as done:
        assert done.stdout is not None
        assert done.stderr is not None
        done.stdout.close()
        assert done.stderr.read() == b""


def test_an_export_that_may_not_be_read_is_no_fault(keys: Path, tmp_path: Path) -> None:
    home = Record().export(tmp_path / "export", checkpoints=[])
    (home / "checkpoints.jsonl").unlink()
    (home / "checkpoints.jsonl").mkdir()
    assert run(home, "--key", keys)[0] == 1
