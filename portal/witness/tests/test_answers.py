"""What one witness may answer, and what is made of it. No database: see test_asking for what is kept."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.record.notes import COSIGNATURE, Key, cosign, parse_lines, public_key, sign
from portal.witness.asking import Refused, ask
from portal.witness.policy import Listed
from portal.witness.posting import NoReply
from portal.witness.submission import SIZE_TYPE, parse_submission
from portal.witness.tests.fake_server import Reply, answering
from portal.witness.tests.sample_log import ORIGIN, SampleLog

LIAR = Ed25519PrivateKey.from_private_bytes(bytes([77]) * 32)
KEY = public_key("liar", COSIGNATURE, LIAR)


@pytest.fixture
def log(tmp_path: Path) -> SampleLog:
    return SampleLog(tmp_path / "log", leaves=60)


def asked(log: SampleLog, answer: Callable[[bytes], Reply], key: Key = KEY) -> bytes:
    """The line that comes of asking a server with these answers about a tree of 20."""
    with answering(answer) as url:
        line, at = ask(Listed("W", key, url), log.tiles, log.submission(0, 20).head, log.note(20), old=0)
    assert abs(at - time.time()) < 600
    return str(line).encode()


def liar_line(text: str, *, private: Ed25519PrivateKey = LIAR, at: float | None = None) -> bytes:
    return str(cosign(text, name="liar", private=private, at=int(time.time() if at is None else at))).encode()


OTHER_TEXT = f"{ORIGIN}\n20\n{'A' * 43}=\n"
LIES: list[tuple[Callable[[str], bytes], str]] = [
    (lambda text: liar_line(OTHER_TEXT), "not its signature of this checkpoint"),
    (lambda text: liar_line(text)[:-6] + b"AAA==\n", "not its signature of this checkpoint"),
    (lambda text: liar_line(text) + liar_line(OTHER_TEXT), "not its signature of this checkpoint"),
    (lambda text: liar_line(text).rstrip(), "not its signature of this checkpoint"),
    (lambda text: b"thank you\n", "not its signature of this checkpoint"),
    (lambda text: b"", "not its signature of this checkpoint"),
    (lambda text: b"\xff\xfe\n", "not its signature of this checkpoint"),
    (lambda text: liar_line(text, private=Ed25519PrivateKey.generate()), "without a signature by the key"),
    (lambda text: str(sign(text, name="liar", private=LIAR)).encode(), "without a signature by the key"),
    (lambda text: liar_line(text, at=time.time() - 700), "more than ten minutes"),
    (lambda text: liar_line(text, at=time.time() + 700), "more than ten minutes"),
    (lambda text: liar_line(text, at=2**64 - 1), "more than ten minutes"),
]


@pytest.mark.parametrize(("lie", "sentence"), LIES)
def test_what_is_not_the_witness_s_signature_of_this_checkpoint_is_refused_with_an_alarm(
    log: SampleLog, lie: Callable[[str], bytes], sentence: str
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        asked(log, lambda body: (200, "text/plain", lie(parse_submission(body).note.text)))
    assert refused.value.alert


def test_signatures_of_other_keys_beside_a_good_one_are_passed_over(log: SampleLog) -> None:
    def answer(body: bytes) -> Reply:
        text = parse_submission(body).note.text
        return 200, "text/plain", liar_line(text, private=Ed25519PrivateKey.generate()) + liar_line(text)

    (line,) = parse_lines(asked(log, answer).decode())
    assert (line.name, line.key_id) == (KEY.name, KEY.key_id)


@pytest.mark.parametrize(
    ("reply", "sentence", "alert"),
    [
        ((400, "text/plain", b""), "cannot read", False),
        ((403, "text/plain", b""), "does not trust the key", False),
        ((404, "text/plain", b""), "does not know this log", False),
        ((302, "text/plain", b""), "status 302", False),
        ((503, "text/plain", b""), "status 503", False),
        ((409, "text/plain", b"9\n"), "another root", True),
        ((409, SIZE_TYPE, b"0\n"), "contradicts itself", True),
        ((409, SIZE_TYPE, b"7\n"), "contradicts itself", True),
        ((409, SIZE_TYPE, b"21\n"), "21 facts", True),
        ((409, SIZE_TYPE, b"7"), "without a size", True),
        ((409, SIZE_TYPE, b"\xff\n"), "without a size", True),
        ((409, SIZE_TYPE, b"-7\n"), "without a size", True),
        ((422, "text/plain", b""), "does not continue", True),
    ],
)
def test_each_refusal_has_a_sentence_and_only_what_cannot_be_honest_is_an_alarm(
    log: SampleLog, reply: Reply, sentence: str, alert: bool
) -> None:
    with pytest.raises(Refused, match=sentence) as refused:
        asked(log, lambda body: reply)
    assert refused.value.alert is alert


def test_an_answer_too_long_to_be_one_is_not_read(log: SampleLog) -> None:
    with pytest.raises(NoReply, match="too long"):
        asked(log, lambda body: (200, "text/plain", b"x" * 70_000))


def test_a_conflict_is_asked_again_once_with_the_size_it_says_and_its_proof(log: SampleLog) -> None:
    bodies: list[bytes] = []

    def answer(body: bytes) -> Reply:
        bodies.append(body)
        return (409, SIZE_TYPE, b"7\n") if len(bodies) == 1 else (200, "text/plain", liar_line(parse_submission(body).note.text))

    assert asked(log, answer)
    assert bodies == [log.body(0, 20), log.body(7, 20)]


def test_a_size_that_moves_between_two_requests_is_somebody_else_asking(log: SampleLog) -> None:
    sizes = iter([b"7\n", b"9\n"])
    with pytest.raises(Refused, match="somebody else") as refused:
        asked(log, lambda body: (409, SIZE_TYPE, next(sizes)))
    assert not refused.value.alert
