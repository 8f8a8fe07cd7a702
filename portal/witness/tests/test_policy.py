from __future__ import annotations

import re
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from portal.record.notes import COSIGNATURE, NOTE, Key, Note, cosign, public_key, sign
from portal.witness.policy import BadPolicy, NotAccepted, Policy, parse_policy

TEXT = "log.example/record\n1\nn4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=\n"
LOG = Ed25519PrivateKey.from_private_bytes(bytes(32))


def private(number: int) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes([number + 1]) * 32)


def witness_key(number: int) -> Key:
    return public_key(f"witness.example/w{number}", COSIGNATURE, private(number))


def lines(*rows: str, witnesses: int = 0) -> bytes:
    listed = [f"witness W{number} {witness_key(number)}" for number in range(witnesses)]
    return "".join(f"{row}\n" for row in [*listed, *rows]).encode()


EXAMPLE = f"""log {public_key("log.example/record", NOTE, LOG)}

witness X1 {witness_key(1)}
witness X2 {witness_key(2)}
witness X3 {witness_key(3)}
group X-witnesses 2 X1 X2 X3

witness Y1 {witness_key(4)}
witness Y2 {witness_key(5)}
witness Y3 {witness_key(6)}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
""".encode()


def test_the_example_of_the_text_needs_two_of_the_x_and_one_of_the_y() -> None:
    policy = parse_policy(EXAMPLE)
    names = sorted(policy.witnesses)
    for many in range(7):
        for some in combinations(names, many):
            xs, ys = sum(name[0] == "X" for name in some), sum(name[0] == "Y" for name in some)
            assert policy.satisfied(some) == (xs >= 2 and ys >= 1), some


def test_no_witness_is_needed_where_the_quorum_is_none() -> None:
    assert parse_policy(b"quorum none\n") == Policy()
    assert Policy().satisfied([])


@pytest.mark.parametrize("row", [b" \t quorum\t \tnone \t", b"quorum none\n# \x80\xff anything", b"\n \t\n  # group\nquorum none"])
def test_whitespace_comments_and_empty_lines_mean_nothing(row: bytes) -> None:
    assert parse_policy(row + b"\n").quorum == "none"


def test_names_are_octets_and_nothing_that_only_looks_the_same() -> None:
    key = str(witness_key(0)).encode()
    kelvin = b"witness \xe2\x84\xaa " + key + b"\n"
    assert parse_policy(kelvin + b"quorum \xe2\x84\xaa\n").satisfied(["\u212a"])
    with pytest.raises(BadPolicy, match="line 2"):
        parse_policy(kelvin + b"quorum K\n")
    assert parse_policy(b"witness \xff\x80 " + key + b"\nquorum \xff\x80\n").quorum == b"\xff\x80".decode(errors="surrogateescape")
    no_break_space = b"witness a\xc2\xa0b " + key + b"\nquorum a\xc2\xa0b\n"
    assert parse_policy(no_break_space).quorum == "a\xa0b"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (b"", "there is no quorum line"),
        (b"quorum none", "line 1: the last line does not end in a newline"),
        (b"quorum none\r\n", "line 1: the octet 0x0D"),
        (b"# \x7f\nquorum none\n", "line 1: the octet 0x7F"),
        (b"quorum none\n\x00", "line 2: the octet 0x00"),
        (b"quorum none\nquorum none\n", "line 2: there is a quorum above"),
        (b"quorum\n", "line 1: a quorum is"),
        (b"quorum W0\n", "line 1: a quorum is"),
        (b"quorum none none\n", "line 1: a quorum is"),
        (b"Quorum none\n", "line 1: a line begins with"),
        (b"quorum none # why\n", "line 1: a quorum is"),
        (b"log\n", "line 1: a log is"),
        (b"log x+00000000+AAAA\n", "line 1: the key is not"),
        (b"log \xff+00000000+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n", "line 1: a vkey is UTF-8"),
        (b"witness W0\n", "line 1: a witness is"),
        (lines("witness W0 " + str(witness_key(1)), witnesses=1), "line 2: the name “W0” is taken"),
        (lines(f"witness none {witness_key(0)}"), "line 1: the name “none” is taken"),
        (lines(f"witness V {public_key('another', COSIGNATURE, private(0))}", witnesses=1), "line 2: a witness with this key"),
        (lines(f"witness V {public_key('w', NOTE, private(0))}"), "line 1: the key of a witness is for cosignatures"),
        (lines(f"witness V {witness_key(0)} https://a more"), "line 1: a witness is"),
        (lines(f"log {witness_key(0)}", f"log {public_key('b', NOTE, private(0))}"), "line 2: a log with this key"),
        (lines("group G any", witnesses=1), "line 2: a group is"),
        (lines("group G any W1", witnesses=1), "line 2: “W1” is no witness or group"),
        (lines("group G any none", witnesses=1), "line 2: “none” is no witness or group"),
        (lines("group G any G", witnesses=1), "line 2: “G” is no witness or group"),
        (lines("group G any W0 W0", witnesses=1), "line 2: “W0” is a member already"),
        (lines("group G any W0", "group H any W0", witnesses=1), "line 3: “W0” is a member already"),
        (lines("group W0 any W0", witnesses=1), "line 2: the name “W0” is taken"),
        *(
            (lines(f"group G {least} W0 W1", witnesses=2), "line 3: all, any or a number")
            for least in ("0", "3", "01", "+1", "1.0", "ALL", "²")
        ),
    ],
)
def test_a_line_at_fault_is_named(text: bytes, sentence: str) -> None:
    with pytest.raises(BadPolicy, match="^" + re.escape(sentence)):
        parse_policy(text)


def test_forty_of_each_are_read() -> None:
    logs = [f"log {public_key(f'log{number}', NOTE, private(100 + number))}" for number in range(40)]
    groups = [f"group G{number} all W{number}" for number in range(40)]
    policy = parse_policy(lines(*logs, *groups, "quorum G39", witnesses=40))
    assert (len(policy.logs), len(policy.witnesses), len(policy.groups)) == (40, 40, 40)


@st.composite
def nested(draw: st.DrawFn) -> tuple[bytes, dict[str, tuple[int, list[str]]], str, int]:
    """A policy, its groups, its quorum, and how many witnesses it has."""
    many = draw(st.integers(1, 7))
    free, groups, rows = [f"W{number}" for number in range(many)], dict[str, tuple[int, list[str]]](), list[str]()
    for number in range(draw(st.integers(0, 5))):
        members = draw(st.lists(st.sampled_from(free), min_size=1, unique=True))
        least = draw(st.integers(1, len(members)))
        words = [str(least), *(["any"] if least == 1 else []), *(["all"] if least == len(members) else [])]
        name = f"G{number}"
        groups[name] = (least, members)
        rows.append(f"group {name} {draw(st.sampled_from(words))} {' '.join(members)}")
        free = [other for other in free if other not in members] + [name]
    quorum = draw(st.sampled_from(["none", *free]))
    return lines(*rows, f"quorum {quorum}", witnesses=many), groups, quorum, many


@given(nested())
def test_every_set_of_witnesses_is_judged_as_the_definition_says(made: tuple[bytes, dict[str, tuple[int, list[str]]], str, int]) -> None:
    text, groups, quorum, many = made
    policy = parse_policy(text)
    for bits in range(1 << many):
        some = {f"W{number}" for number in range(many) if bits >> number & 1}

        def witnessed(name: str, some: set[str] = some) -> bool:
            least, members = groups.get(name, (0, []))
            return sum(map(witnessed, members)) >= least if members else name in some

        assert policy.satisfied(some) == (quorum == "none" or witnessed(quorum))


@given(st.binary(max_size=60))
def test_any_octets_are_read_or_refused_with_a_sentence(text: bytes) -> None:
    made: list[object] = []
    try:
        made.append(parse_policy(text))
    except BadPolicy as error:
        made.append(str(error))
    assert made[0]


def signed(*witnesses: int, log: Ed25519PrivateKey = LOG) -> Note:
    timed = [cosign(TEXT, name=f"witness.example/w{number}", private=private(number), at=1_700_000_000 + number) for number in witnesses]
    return Note(TEXT, (sign(TEXT, name="log.example/record", private=log), *timed))


def test_a_checkpoint_of_a_listed_log_with_the_quorum_is_accepted_and_says_who_cosigned_when() -> None:
    assert parse_policy(EXAMPLE).accept(signed(1, 2, 4)) == {"X1": 1_700_000_001, "X2": 1_700_000_002, "Y1": 1_700_000_004}


def test_too_few_witnesses_a_strange_log_and_bad_signatures_are_refused() -> None:
    policy = parse_policy(EXAMPLE)
    with pytest.raises(NotAccepted, match="2 of 6 witnesses"):
        policy.accept(signed(1, 4))
    with pytest.raises(NotAccepted, match="no log"):
        policy.accept(signed(1, 2, 4, log=private(7)))
    with pytest.raises(NotAccepted, match="no log"):
        parse_policy(b"quorum none\n").accept(signed(1))
    moved = signed(1, 2, 4)
    with pytest.raises(NotAccepted, match="not good"):
        policy.accept(Note(TEXT.replace("\n1\n", "\n2\n"), moved.lines))
    swapped = cosign(TEXT.replace("\n1\n", "\n2\n"), name="witness.example/w4", private=private(4), at=1)
    with pytest.raises(NotAccepted, match="w4 is not good"):
        policy.accept(Note(TEXT, (*signed(1, 2).lines, swapped)))


def test_a_log_known_otherwise_need_not_be_listed() -> None:
    key = public_key("log.example/record", NOTE, LOG)
    assert parse_policy(b"quorum none\n").accept(signed(1), logs=[key]) == {}
