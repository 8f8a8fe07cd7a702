"""Spoil good receipts, promises and statements in every way we can think of, and see that the verifier refuses each, in words.

`python -m portal.record.verifier.tests.fuzzing 100000` does it by hand.
"""

from __future__ import annotations

import base64
import json
import random
import sys
from collections import Counter
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from portal.record.canonical import Json, canonical
from portal.record.verifier import candour_verify
from portal.record.verifier.tests.sample_record import NOW, story, written

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
VALUES: list[Any] = [
    None,
    True,
    0,
    -1,
    1,
    2**53,
    2**70,
    "",
    "x",
    "\x00",
    "\ud800",
    "é",
    [],
    {},
    [[]],
    {"": 0},
    1.5,
    "2026-11-23T14:00:00.000000Z",
]
Paper = dict[str, Any]
Place = tuple[Any, Any]  # a list or object, and the index or name in it


class Accepted(Exception):
    """The verifier accepted a spoilt file; the text is the file."""


def fuzz(count: int, seed: int) -> dict[str, int]:
    """Spoil `count` files, the same ones for the same seed; how often each sentence decided. Raises Accepted."""
    chance, record = random.Random(seed), story()
    chain, size = record.chain(), len(record.leaves)
    for number in range(3):  # each statement from another tree: true facts from one may not stand in another by chance
        record.add("handset.claimed", f"handset:{90 + number}")
    papers = [
        record.receipt(1, witnessed=True),
        record.receipt(5),
        record.pending(1),
        record.statement(chain, size=size),
        record.statement(chain, withheld=chain[2:4], size=size + 1),
        record.statement(chain[4:], reader="holder", size=size + 2),
    ]
    keys, told, good = record.signer.vkeys(), Counter[str](), {written(paper) for paper in papers}
    while told.total() < count:
        paper = chance.choice(papers)
        data = chance.choice(WAYS)(chance, deepcopy(paper), papers)
        if data is not None and data not in good and not says_less(paper, data):
            told[judge(data, keys)] += 1
    return dict(told)


def judge(data: bytes, keys: list[str]) -> str:
    """The name of the sentence that decided. Raises Accepted, and whatever the verifier should never raise."""
    try:
        verdict = candour_verify.verify_receipt(data, keys=keys, now=NOW)
    except candour_verify.Unreadable as error:
        return error.code
    if verdict.good:
        raise Accepted(data.decode(errors="replace"))
    return verdict.code


def says_less(paper: Paper, data: bytes) -> bool:
    """Whether it is the same paper with fewer values disclosed, which anybody may pass on: that is good, and meant to be."""
    try:
        spoilt = json.loads(data)
        return bool(_bare(spoilt) == _bare(paper) and canonical(spoilt).encode() + b"\n" == data and _fewer(paper, spoilt))
    except (AttributeError, ValueError, TypeError, KeyError, RecursionError):
        return False


def _bare(paper: Paper) -> Any:
    facts = [{name: value for name, value in fact.items() if name != "disclosed"} for fact in paper.get("facts", [])]
    return {name: value for name, value in paper.items() if name != "disclosed"} | {"facts": facts}


def _fewer(paper: Paper, spoilt: Paper) -> bool:
    pairs = zip([paper, *paper.get("facts", [])], [spoilt, *spoilt.get("facts", [])], strict=True)
    return all(
        isinstance(two.get("disclosed", {}), dict) and two.get("disclosed", {}).items() <= one.get("disclosed", {}).items()
        for one, two in pairs
    )


# --- Ways to spoil: each is given chance, a copy of a paper and all papers, and returns a file, or None where it could do nothing ---


def edit_bytes(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes:
    data = bytearray(written(paper))
    for _round in range(chance.randint(1, 4)):
        at = chance.randrange(len(data))
        piece = bytes(chance.randrange(256) for _byte in range(chance.randint(0, 3)))
        data[at : at + chance.randint(0, 3)] = piece
    return bytes(data)


def flip_bit(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes:
    data = bytearray(written(paper))
    data[chance.randrange(len(data))] ^= 1 << chance.randrange(8)
    return bytes(data)


def cut(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes:
    data = written(paper)
    start, end = sorted(chance.sample(range(len(data) + 1), 2))
    return chance.choice([data[:start], data[start:], data[:start] + data[end:], data[:end] + data[start:]])


def splice(chance: random.Random, paper: Paper, papers: list[Paper]) -> bytes:
    one, two = written(paper), written(chance.choice(papers))
    at = chance.randrange(len(one))
    return one[:at] + two[chance.randrange(len(two)) if chance.random() < 0.5 else at :]


def noise(chance: random.Random, _paper: Paper, _: list[Paper]) -> bytes:
    return chance.randbytes(chance.randint(0, 3_000))


def change_value(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    holder, name = chance.choice(places(paper))
    holder[name] = chance.choice([*VALUES, deepcopy(holder[name]), *(deepcopy(one[two]) for one, two in chance.sample(places(paper), 3))])
    return rewritten(paper)


def remove_value(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    holder, name = chance.choice(places(paper))
    del holder[name]
    return rewritten(paper)


def double_value(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    holder, name = chance.choice(places(paper))
    if isinstance(holder, list):
        holder.insert(chance.randint(0, len(holder)), deepcopy(holder[name]))
    else:
        holder[f"{name}{chance.choice('12x')}"] = deepcopy(holder[name])
    return rewritten(paper)


def exchange(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    (one, first), (two, second) = chance.choice(places(paper)), chance.choice(places(paper))
    one[first], two[second] = deepcopy(two[second]), deepcopy(one[first])
    return rewritten(paper)


def cross(chance: random.Random, paper: Paper, papers: list[Paper]) -> bytes | None:
    """Put one member of another paper into this one."""
    other = chance.choice(papers)
    name = chance.choice(sorted(other))
    paper[name] = deepcopy(other[name])
    return rewritten(paper)


def swap_lines(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    holder, name = chance.choice([place for place in places(paper) if isinstance(place[0][place[1]], str) and "\n" in place[0][place[1]]])
    rows = holder[name].split("\n")
    one, two = chance.randrange(len(rows)), chance.randrange(len(rows))
    if chance.random() < 0.3:
        rows.insert(one, rows[two])
    elif chance.random() < 0.3:
        del rows[one]
    else:
        rows[one], rows[two] = rows[two], rows[one]
    holder[name] = "\n".join(rows)
    return rewritten(paper)


def respell_base64(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    """Other spellings of the same bytes: spare bits, padding, white space, the other alphabet."""
    holder, name = chance.choice([place for place in places(paper) if isinstance(place[0][place[1]], str)])
    words = holder[name].split(" ")
    at = chance.randrange(len(words))
    word = words[at].rstrip("\n=")
    if not word:
        return None
    spare = word[:-1] + LETTERS[LETTERS.find(word[-1]) ^ 1] if word[-1] in LETTERS else word
    others = [
        spare + words[at][len(word) :],
        word,
        words[at] + "=",
        words[at].replace("+", "-").replace("/", "_"),
        word + "\n" + words[at][len(word) :],
    ]
    words[at] = chance.choice(others)
    holder[name] = " ".join(words)
    return rewritten(paper)


def change_leaf(chance: random.Random, paper: Paper, papers: list[Paper]) -> bytes | None:
    """Change a fact and write it canonically again."""
    holder = chance.choice([paper, *paper.get("facts", [])])
    if "leaf" not in holder:
        return None
    leaf = json.loads(holder["leaf"])
    spoilt = chance.choice([change_value, remove_value, double_value, exchange])(chance, leaf, papers)
    if spoilt is None:
        return None
    holder["leaf"] = spoilt[:-1].decode(errors="surrogateescape")
    return rewritten(paper)


def resign(chance: random.Random, paper: Paper, _: list[Paper]) -> bytes | None:
    """Other bytes of the right length where keys, signatures and hashes stand."""
    text = written(paper).decode()
    runs = [word for word in text.replace("\\n", " ").replace('"', " ").split(" ") if len(word) >= 44]
    word = chance.choice(runs)
    size = len(word) * 3 // 4
    return text.replace(word, base64.b64encode(chance.randbytes(size)).decode()[: len(word)], 1).encode()


WAYS: list[Callable[[random.Random, Paper, list[Paper]], bytes | None]] = [
    edit_bytes,
    flip_bit,
    cut,
    splice,
    noise,
    change_value,
    remove_value,
    double_value,
    exchange,
    cross,
    swap_lines,
    respell_base64,
    change_leaf,
    resign,
]


def places(value: Any) -> list[Place]:
    """Every place in lists and objects where a value stands."""
    if isinstance(value, dict):
        return [(value, name) for name in value] + [place for item in value.values() for place in places(item)]
    if isinstance(value, list):
        return [(value, at) for at in range(len(value))] + [place for item in value for place in places(item)]
    return []


def rewritten(value: Json) -> bytes:
    """Canonical where that can be, so that the first check does not refuse it already."""
    try:
        return canonical(value).encode() + b"\n"
    except ValueError:
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode() + b"\n"
    except RecursionError:
        return b"{}\n"


if __name__ == "__main__":
    sys.stdout.write(f"{fuzz(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)}\n")
