from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from portal.record.notes import Line, Note, check_line, encode64, parse_lines
from portal.record.tree import EMPTY_ROOT
from portal.witness.keyring import CannotWitness, read_logs
from portal.witness.submission import SIZE_TYPE, Submission, parse_submission
from portal.witness.tests.sample_log import WITNESS, SampleLog
from portal.witness.witnessing import Answer, Witness

NOW = 1_790_000_000
EXAMPLE = """old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
"""  # c2sp.org/tlog-witness@v1.0.0, "Example request body"


@pytest.fixture
def log(tmp_path: Path) -> SampleLog:
    return SampleLog(tmp_path / "log", leaves=30)


@pytest.fixture
def other_view(tmp_path: Path) -> SampleLog:
    """The same log, as it might be shown to somebody else."""
    return SampleLog(tmp_path / "other", leaves=30, word="another leaf")


@pytest.fixture
def witness(tmp_path: Path, log: SampleLog) -> Iterator[Witness]:
    with closing(Witness(tmp_path / "witness", name=WITNESS, logs=[log.key], clock=lambda: NOW)) as witness:
        yield witness


def time_of(answer: Answer, witness: Witness, note: Note) -> int | None:
    """What the cosignature says, once it is found good."""
    assert answer.status == 200
    (line,) = parse_lines(answer.body)
    return check_line(note.text, line, witness.key)


def test_the_example_of_the_text_is_read_and_written_again() -> None:
    submission = parse_submission(EXAMPLE.encode())
    assert (submission.old, len(submission.proof), submission.head.size) == (20852014, 4, 20852163)
    assert str(submission) == EXAMPLE


def test_a_tree_that_grows_is_cosigned_each_time(witness: Witness, log: SampleLog) -> None:
    for old, size in [(0, 0), (0, 1), (1, 7), (7, 7), (7, 8), (8, 30)]:
        assert time_of(witness.add_checkpoint(log.body(old, size)), witness, log.note(size)) == NOW


def test_the_cosignature_covers_extension_lines(witness: Witness, log: SampleLog) -> None:
    note = log.note(3, extension="anything else\n")
    body = f"old 0\n\n{note}".encode()
    assert time_of(witness.add_checkpoint(body), witness, note) == NOW


def test_a_log_nobody_named_is_not_found(witness: Witness, tmp_path: Path) -> None:
    stranger = SampleLog(tmp_path / "stranger", leaves=3, origin="elsewhere.example/log")
    assert witness.add_checkpoint(stranger.body(0, 3)).status == 404


def test_a_checkpoint_without_a_good_signature_of_the_log_is_forbidden(witness: Witness, log: SampleLog, tmp_path: Path) -> None:
    impostor = SampleLog(tmp_path / "impostor", leaves=3, seed=2)
    assert witness.add_checkpoint(impostor.body(0, 3)).status == 403
    moved = Note(log.note(4).text, log.note(3).lines)
    assert witness.add_checkpoint(f"old 0\n\n{moved}".encode()).status == 403


def test_signatures_of_unknown_keys_are_passed_over(witness: Witness, log: SampleLog) -> None:
    note = log.note(3)
    noted = Note(note.text, (Line(log.origin, b"abcd", b"anything"), Line("someone", note.lines[0].key_id, b"else"), *note.lines))
    assert time_of(witness.add_checkpoint(f"old 0\n\n{noted}".encode()), witness, note) == NOW


def test_an_old_size_above_the_size_is_a_bad_request(witness: Witness, log: SampleLog) -> None:
    witness.add_checkpoint(log.body(0, 5))
    assert witness.add_checkpoint(f"old 5\n\n{log.note(4)}".encode()).status == 400


@pytest.mark.parametrize("old", [0, 4, 6])
def test_an_old_size_that_is_not_the_last_one_cosigned_is_a_conflict_that_says_the_last(witness: Witness, log: SampleLog, old: int) -> None:
    witness.add_checkpoint(log.body(0, 5))
    assert witness.add_checkpoint(log.body(old, 7)) == Answer(409, "5\n", SIZE_TYPE)


def test_another_root_for_the_last_size_is_a_conflict_and_kept_as_evidence(witness: Witness, log: SampleLog, other_view: SampleLog) -> None:
    witness.add_checkpoint(log.body(0, 5))
    answer = witness.add_checkpoint(other_view.body(5, 5))
    assert (answer.status, answer.content_type) == (409, "text/plain; charset=utf-8")
    assert f"{log.note(5)}\n{other_view.note(5)}" in witness.described()
    witness.add_checkpoint(log.body(5, 6))
    assert str(other_view.note(5)) in witness.described()


def test_a_contradiction_is_kept_also_where_the_old_size_was_wrong(witness: Witness, log: SampleLog, other_view: SampleLog) -> None:
    witness.add_checkpoint(log.body(0, 5))
    assert witness.add_checkpoint(other_view.body(0, 5)) == Answer(409, "5\n", SIZE_TYPE)
    assert str(other_view.note(5)) in witness.described()


def test_an_empty_tree_has_one_root(witness: Witness, log: SampleLog) -> None:
    assert witness.add_checkpoint(f"old 0\n\n{log.note(0, root=bytes(32))}".encode()).status == 409
    assert witness.add_checkpoint(f"old 0\n\n{log.note(0, root=EMPTY_ROOT)}".encode()).status == 200


def test_a_proof_that_does_not_lead_there_is_unprocessable(witness: Witness, log: SampleLog, other_view: SampleLog) -> None:
    def status(old: int, *proof: bytes, size: int = 7, view: SampleLog = log) -> int:
        return witness.add_checkpoint(str(Submission(old, proof, view.submission(0, size).head, view.note(size))).encode()).status

    assert status(0, bytes(32)) == 422
    assert status(0, size=5) == 200
    path = tuple(log.tiles.consistency(5, 7))
    assert status(5) == 422
    assert status(5, *path[:-1]) == 422
    assert status(5, *path, bytes(32)) == 422
    assert status(5, *path[::-1]) == 422
    assert status(5, bytes(32), size=5) == 422
    assert status(5, *other_view.tiles.consistency(5, 7), view=other_view) == 422
    assert status(5, *path) == 200


@pytest.mark.parametrize(
    "spoil",
    [
        lambda text: text.replace("old 5", "old 05"),
        lambda text: text.replace("old 5", "old -5"),
        lambda text: text.replace("old 5", "old  5"),
        lambda text: text.replace("old 5", "Old 5"),
        lambda text: text.replace("old 5", "5"),
        lambda text: text.replace("old 5", "old"),
        lambda text: text.replace("old 5", "old ٥"),
        lambda text: text.replace("old 5", "old " + "9" * 5000),
        lambda text: text.replace("old 5\n", "old 5\r\n"),
        lambda text: text.replace("\n\n", "\n", 1),
        lambda text: text.replace("old 5\n", "old 5\nAAAA\n"),
        lambda text: text.replace("old 5\n", "old 5\n!\n"),
        lambda text: text.replace("old 5\n", "old 5\n" + f"{encode64(bytes(32))}\n" * 64),
        lambda text: text.replace("=\n", "\n", 1),
        lambda text: text.replace("log.example/record\n7\n", "log.example/record\n07\n"),
        lambda text: text.rstrip("\n"),
        lambda text: text + "\n",
        lambda text: text[: text.index("—")],
        lambda text: "",
        lambda text: text + "\ud800",
    ],
)
def test_what_is_not_a_submission_is_a_bad_request(witness: Witness, log: SampleLog, spoil: Callable[[str], str]) -> None:
    witness.add_checkpoint(log.body(0, 5))
    text = spoil(log.body(5, 7).decode())
    assert witness.add_checkpoint(text.encode(errors="surrogatepass")).status == 400
    assert witness.add_checkpoint(log.body(5, 7)).status == 200


def test_time_never_falls_however_the_clock_is_set(tmp_path: Path, log: SampleLog) -> None:
    moments = iter([NOW, NOW - 1000, NOW + 1])
    with closing(Witness(tmp_path / "witness", name=WITNESS, logs=[log.key], clock=lambda: next(moments))) as witness:
        times = [time_of(witness.add_checkpoint(log.body(old, size)), witness, log.note(size)) for old, size in [(0, 5), (5, 5), (5, 6)]]
    assert times == [NOW, NOW, NOW + 1]


def test_of_submissions_at_once_one_is_cosigned_and_the_others_conflict(witness: Witness, log: SampleLog) -> None:
    bodies = [log.body(0, size) for size in range(1, 17)]
    with ThreadPoolExecutor(16) as pool:
        statuses = sorted(answer.status for answer in pool.map(witness.add_checkpoint, bodies))
    assert statuses == [200, *[409] * 15]


@hypothesis_settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.booleans(), st.integers(0, 30), st.integers(0, 30)), max_size=25))
def test_whatever_is_submitted_all_that_is_cosigned_is_one_growing_tree(
    tmp_path_factory: pytest.TempPathFactory, log: SampleLog, other_view: SampleLog, asked: list[tuple[bool, int, int]]
) -> None:
    cosigned: list[tuple[int, bytes]] = [(0, EMPTY_ROOT)]
    views = set()
    with closing(Witness(tmp_path_factory.mktemp("witness"), name=WITNESS, logs=[log.key])) as witness:
        for split, old, size in asked:
            view = other_view if split else log
            old, size = min(old, size), max(old, size)
            if witness.add_checkpoint(view.body(old, size)).status == 200:
                assert old == cosigned[-1][0] <= size
                cosigned.append((size, view.tiles.root(size)))
                views |= {split} if size else set()
    assert len(views) <= 1
    assert len(dict(cosigned)) == len(set(cosigned))


def test_a_witness_that_starts_again_goes_on_with_its_key_and_its_memory(tmp_path: Path, log: SampleLog, witness: Witness) -> None:
    witness.add_checkpoint(log.body(0, 5))
    witness.close()
    with closing(Witness(tmp_path / "witness", name=WITNESS, logs=[log.key])) as again:
        assert again.key == witness.key
        assert again.add_checkpoint(log.body(0, 7)) == Answer(409, "5\n", SIZE_TYPE)


def test_only_the_owner_reads_the_key(tmp_path: Path, log: SampleLog, witness: Witness) -> None:
    key = tmp_path / "witness" / "witness.pem"
    assert key.stat().st_mode & 0o777 == 0o600
    key.chmod(0o640)
    with pytest.raises(CannotWitness, match="chmod 600"):
        Witness(tmp_path / "witness", name=WITNESS, logs=[log.key])


def test_a_witness_does_not_start_without_the_memory_of_what_its_key_signed(tmp_path: Path, log: SampleLog, witness: Witness) -> None:
    witness.close()
    (tmp_path / "witness" / "witness.sqlite").unlink()
    with pytest.raises(CannotWitness, match="is gone"):
        Witness(tmp_path / "witness", name=WITNESS, logs=[log.key])


def test_a_key_keeps_the_name_it_first_had(tmp_path: Path, log: SampleLog, witness: Witness) -> None:
    with pytest.raises(CannotWitness, match="another name needs a key"):
        Witness(tmp_path / "witness", name="witness.example/w2", logs=[log.key])
    with pytest.raises(CannotWitness, match="neither spaces"):
        Witness(tmp_path / "new", name="not a name", logs=[log.key])


def test_a_key_or_a_memory_that_is_something_else_is_said_so(tmp_path: Path, log: SampleLog, witness: Witness) -> None:
    witness.close()
    (tmp_path / "witness" / "witness.pem").write_text("no key")
    with pytest.raises(CannotWitness, match="not a private key"):
        Witness(tmp_path / "witness", name=WITNESS, logs=[log.key])
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "witness.sqlite").write_bytes(b"no memory" * 1000)
    with pytest.raises(CannotWitness, match="not a database"):
        Witness(tmp_path / "other", name=WITNESS, logs=[log.key])


def test_a_memory_that_cannot_be_written_cosigns_nothing(tmp_path: Path, log: SampleLog, witness: Witness) -> None:
    holder = sqlite3.connect(tmp_path / "witness" / "witness.sqlite", isolation_level=None)
    witness._memory.execute("PRAGMA busy_timeout = 0")
    holder.execute("BEGIN IMMEDIATE")
    assert witness.add_checkpoint(log.body(0, 5)).status == 503
    holder.execute("ROLLBACK")
    holder.close()
    assert witness.add_checkpoint(log.body(0, 5)).status == 200


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "names no log"),
        ("# nobody\n\n", "names no log"),
        ("# x\nlog+1\n", "line 2: "),
        ("{key}\n {key}\n", "line 2: this key stands above"),
    ],
)
def test_a_list_of_logs_that_is_none_says_what_to_do(tmp_path: Path, log: SampleLog, text: str, sentence: str) -> None:
    (tmp_path / "logs").write_text(text.replace("{key}", str(log.key)))
    with pytest.raises(CannotWitness, match=sentence):
        read_logs(tmp_path / "logs")
