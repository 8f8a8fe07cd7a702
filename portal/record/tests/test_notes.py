from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portal.record.checkpoints import Checkpoint, parse_checkpoint, parse_signed
from portal.record.notes import (
    COSIGNATURE,
    NOTE,
    BadNote,
    Note,
    check_line,
    cosign,
    parse_key,
    parse_lines,
    parse_note,
    public_key,
    sign,
    signed_by,
    with_lines,
)
from portal.record.tree import EMPTY_ROOT

PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
LOG = public_key("log.example", NOTE, PRIVATE)
TIMED = public_key("log.example", COSIGNATURE, PRIVATE)
TEXT = str(Checkpoint("log.example", 7, EMPTY_ROOT))
SIGNED = Note(TEXT, (sign(TEXT, name="log.example", private=PRIVATE), cosign(TEXT, name="log.example", private=PRIVATE, at=1_679_315_147)))

# The example that the Go project publishes with its implementation of signed notes.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)


def test_a_note_that_others_published_is_good() -> None:
    key = parse_key(GO_KEY)
    assert str(key) == GO_KEY
    assert signed_by(parse_note(GO_NOTE), [key]) == {key: None}


@pytest.mark.parametrize("letter", ["\x85", "\xa0", "\u2028", "\u3000", " ", "\t", "+"])
def test_a_name_holds_no_unicode_space_and_no_plus(letter: str) -> None:
    with pytest.raises(BadNote, match="neither spaces nor plus signs"):
        public_key(f"log{letter}.example", NOTE, PRIVATE)


@pytest.mark.parametrize("letter", ["\ufeff", "\u200b", "\u180e", "é"])
def test_what_unicode_does_not_call_a_space_may_stand_in_a_name(letter: str) -> None:
    key = public_key(f"log{letter}.example", NOTE, PRIVATE)
    assert parse_key(str(key)) == key


def test_a_checkpoint_is_signed_for_what_and_for_when() -> None:
    checkpoint, note = parse_signed(str(SIGNED))
    assert checkpoint == Checkpoint("log.example", 7, EMPTY_ROOT)
    assert signed_by(note, [LOG, TIMED]) == {LOG: None, TIMED: 1_679_315_147}


def test_signatures_of_unknown_keys_are_passed_over() -> None:
    other = Ed25519PrivateKey.generate()
    note = with_lines(SIGNED, [sign(TEXT, name="log.example", private=other), sign(TEXT, name="else.example", private=PRIVATE)])
    assert signed_by(note, [LOG]) == {LOG: None}
    assert signed_by(note, [public_key("nobody.example", NOTE, other)]) == {}


def test_a_bad_signature_of_a_known_key_spoils_the_note() -> None:
    moved = Note(str(Checkpoint("log.example", 8, EMPTY_ROOT)), SIGNED.lines)
    for key in (LOG, TIMED):
        with pytest.raises(BadNote, match="not good"):
            signed_by(moved, [key])


def test_a_cosignature_cannot_be_moved_to_another_time() -> None:
    line = SIGNED.lines[1]
    later = type(line)(line.name, line.key_id, (1_679_315_148).to_bytes(8) + line.signature[8:])
    with pytest.raises(BadNote, match="not good"):
        check_line(TEXT, later, TIMED)


@given(st.integers(0, len(str(SIGNED).encode()) * 8 - 1))
def test_no_bit_of_a_signed_note_can_change_unseen(bit: int) -> None:
    changed = bytearray(str(SIGNED).encode())
    changed[bit // 8] ^= 1 << bit % 8
    try:
        found = signed_by(parse_signed(changed.decode())[1], [LOG, TIMED])
    except (BadNote, UnicodeDecodeError):
        return
    assert len(found) < 2, "a signature of another name or key ID is one of nobody"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "text\n",
        "text\n\n",
        str(SIGNED)[:-1],
        str(SIGNED) + "\n",
        str(SIGNED).replace("—", "-"),
        str(SIGNED).replace("— log.example ", "— log.example  "),
        str(SIGNED).replace("\n", "\r\n"),
        str(SIGNED).replace("log.example ", "log+example "),
        "a\x07b\n\n— n AAAAAAA=\n",
        TEXT + "\n" + "— n AAAAAAA=\n" * 65,
        "x" * 70_000 + str(SIGNED),
        TEXT + "\n— n AAAAAA==\n",
        TEXT + "\n— n AAAAAAB=\n",
        TEXT + "\n— n !\n",
    ],
)
def test_what_is_not_a_note_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_note(text)


@pytest.mark.parametrize(
    "text",
    [
        "log.example\n7\n",
        "log.example\n07\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n-7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n٧\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n99999999999999999999999999\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n",
        "log.example\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFV=\n",
        "log.example\n7\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\nextension\n",
        "log.example\n7\nAAAA\n",
    ],
)
def test_what_is_not_a_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(BadNote):
        parse_checkpoint(text)


@pytest.mark.parametrize(
    "vkey",
    [
        "",
        "PeterNeumann",
        GO_KEY.replace("c74f20a3", "c74f20a4"),
        GO_KEY.replace("c74f20a3", "C74F20A3"),
        GO_KEY[:-4],
        GO_KEY.replace("Peter", "Peter "),
        GO_KEY.replace("+ARpc", "+Ahpc"),
        "+" + GO_KEY,
    ],
)
def test_what_is_not_a_key_is_refused(vkey: str) -> None:
    with pytest.raises(BadNote):
        parse_key(vkey)


def test_a_fresher_cosignature_takes_the_place_of_the_older() -> None:
    fresh = cosign(TEXT, name="log.example", private=PRIVATE, at=1_679_315_150)
    assert with_lines(SIGNED, [fresh]).lines == (SIGNED.lines[0], fresh)
    assert parse_lines(str(fresh)) == [fresh]
