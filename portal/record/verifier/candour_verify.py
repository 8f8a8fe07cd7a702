#!/usr/bin/env python3
"""Check a receipt, a pending receipt, a statement of duty, the PDF of one, or an export of a Candour record, offline, without us.

    python3 candour_verify.py FILE_OR_DIRECTORY --key KEY_LINE_OR_FILE [--key …]
        --policy FILE      which witnesses count, and how many (c2sp.org/tlog-policy)
        --checkpoint FILE  a signed checkpoint of your own to hold the file against
        --export DIR       an export to hold a receipt or statement against
        --receipt FILE     a receipt or statement to hold an export against (as often as you like)
        --max-age DAYS     refuse what was signed longer ago
        --now TIME         check as of this time (2026-11-23T14:02:07Z) instead of this computer's clock

It says in sentences what is proved and what is not. It ends with 0 (good), 1 (bad) or 2 (unreadable). It needs Python 3.9 or later and
nothing else. Formats: docs/record-format.md; RFC 6962 and RFC 9162 (proofs), RFC 8032 (Ed25519, strictly), RFC 8785 (canonical JSON),
c2sp.org/signed-note, tlog-checkpoint, tlog-cosignature and tlog-proof, all v1.0.0, and tlog-policy.

This file is longer than others of the portal because it has to be one file: it is read, copied and run alone.
"""

from __future__ import annotations

import argparse
import base64
import hmac
import io
import json
import math
import os
import re
import sys
import zlib
from binascii import hexlify
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from functools import lru_cache, partial
from hashlib import sha256, sha512
from heapq import merge
from pathlib import Path
from typing import Any

# --- What it says. The page /record/verify/ says the same, from this table. ----------------------------------------------------

SENTENCES = {
    # Unreadable
    "missing": "“{name}” is not there, or you may not read it.",
    "large": "This file is larger than any receipt or statement, so it was not read.",
    "truncated": "This file ends before it is complete: it was cut short. Fetch it again.",
    "unknown": "This is not a receipt, a statement of duty or an export of the record.",
    "no_attachment": "No receipt or statement of duty is attached to this PDF.",
    "bad_key": "“{name}” is neither a key (name+ID+base64) nor a file of keys, one on each line.",
    "bad_policy": "The policy cannot be read: {why}.",
    "bad_checkpoint": "The checkpoint you gave cannot be read.",
    "bad_time": "“{name}” is not a time such as 2026-11-23T14:02:07Z.",
    # Bad, whatever the file is
    "form": "This is not written as the portal writes it ({why}), so it was changed after it was issued.",
    "no_key": "Everything in it agrees with itself, but that proves nothing yet: you named no key that you trust. It would have to "
    "be {key}. Give it "
    "with --key if it is the line you noted from the portal’s page /record/, or from a copy that you or your federation kept.",
    "wrong_origin": "This is from the record “{origin}”. The keys you trust are of {trusted}.",
    "wrong_key": "This uses the name “{name}”, but it is signed with {key}, which is not a key you trust.",
    "retired": "This is signed with {key}, which the record “{name}” has retired. If you go on trusting what it signed, take "
    "“# retired: ” off its line in your file of keys.",
    "wrong_portal_key": "The names and the title in it are signed with {key}, which is not a key you trust. Give that line too, if "
    "you know it.",
    "signature": "The signature of “{name}” is not good: the text or the signature was changed.",
    "unsigned": "The log “{origin}” has not signed this checkpoint both with its name and with a time.",
    "quorum": "The witnesses that your policy asks for have not signed: {found} of {listed} did, and the quorum “{quorum}” is not met.",
    "stale": "This was signed at {at}, longer ago than the {days} days you allow. Fetch a newer one.",
    "stale_checkpoint": "This was proved in a tree of {size} facts, older than the checkpoint of {given} facts you gave. Fetch a "
    "newer one, or give an "
    "export that holds both.",
    "future_checkpoint": "This was proved in a tree of {size} facts, newer than the checkpoint of {given} facts you gave. Fetch a "
    "newer checkpoint.",
    "future_signed": "This says that it was signed at {at}, which has not come yet by this computer’s clock.",
    "future_fact": "The fact says that it was written at {at}, but the tree that holds it was signed before that, at {signed}.",
    "split": "This and {other} are two signed trees of {size} facts that differ. One of them was forged by whoever holds the log’s "
    "key: keep both.",
    # Bad receipts and statements
    "swapped_proof": "The proof does not lead from this fact to the signed tree: it belongs to another fact, or one of them was changed.",
    "swapped_value": "The value given for “{name}” is not the one this fact was made with: it was changed, or belongs to another fact.",
    "extra_value": "A value is given for “{name}”, but this fact holds none of that name.",
    "swapped_words": "The names and the title are not those that the portal signed for these facts: they were changed, or facts "
    "were left out.",
    "swapped_promise": "The portal’s promise is about another fact.",
    "late_promise": "The portal promised a proof by {by}, and that time has passed. Fetch the finished receipt. If the portal "
    "cannot give it, this promise, "
    "which it signed, shows that it was broken.",
    "other_subject": "Fact {index} is not about {subject}, which this statement is about.",
    "gap": "Between the facts numbered {before} and {after} about this report something was left out or put in.",
    "broken_link": "The fact numbered {seq} does not follow from the one before it: one of them was replaced or left out.",
    "beginning": "The statement does not begin at the beginning: its first fact has the number {seq}.",
    "ending": "The statement does not end with the fact that was made for it, so what came last may have been left out.",
    # Bad exports
    "export_file": "The export is not complete or not in order: {file}{why}.",
    "export_leaf": "{fact}: it is not written as facts are.",
    "export_seq": "{fact}: it has the number {seq} of its subject, and should have {expected}.",
    "export_link": "{fact}: it does not follow from the fact before it about the same subject.",
    "export_order": "{fact}: it says it was written at {at}, before the fact that comes before it about the same subject.",
    "backdated": "{fact}: it says it was written at {at}, but a checkpoint that does not hold it was signed more than 10 minutes later.",
    "export_root": "The first {size} facts do not give the root that {other} says: among numbers {since} to {last} a fact was changed, "
    "removed, put in or moved.",
    "export_short": "This export holds {size} facts, fewer than {other} proves there were: the record was cut back.",
    "export_unsigned": "This export holds {size} facts, but its last checkpoint covers {signed}.",
    "export_disagrees": "The portal’s own rows do not agree with each other. The first: {row}",
    "export_row": "{fact}: the {column} in its row is not what the fact says.",
    "export_waiting": "{fact}: it waits for its place, and its row does not follow from the facts that have one.",
    "export_chain": "The end that was kept for the chain of {subject} is not the end of its facts.",
    "export_head": "The tree head that was kept for {size} facts is not theirs.",
    "export_kept": "The row that was kept with a signature of “{name}” over {size} facts does not say what was signed.",
    "export_fact": "Fact {index} of the export is not the one that {other} proves: it was replaced.",
    "export_stamp": "The time stamp over {size} facts does not name a checkpoint of this export.",
    "export_unkept": "The promise in {other} was to be kept by {by}, but the export, signed after that, does not hold its fact.",
    "other_shard": "This export is of “{origin}” and {other} of “{theirs}”. Its fact is not in this export, so the two could not be "
    "compared.",
    # Good
    "recorded": "{title}. Recorded at {at}.",
    "genuine": "The record “{origin}” signed this, and nothing in it has changed since.",
    "paper": "The file attached to this PDF was checked, not what is printed on it. Compare the two.",
    "fact": "The record “{origin}” holds this fact, number {index} of {size} that were signed: {kind}, about {subject}, by {actor}, "
    "written at {at}.",
    "signed": "The log signed that tree at {at}. With this file you can prove false any other history of those {size} facts.",
    "promised": "This is a promise, not yet a proof. The portal signed that at {at} it wrote this fact: {kind}, about {subject}, by "
    "{actor}. A proof is to "
    "exist by {by}: fetch the finished receipt.",
    "value": "“{name}” was: {value}",
    "file": "“{name}” was a file whose SHA-256 digest is {sha256}. Compare it with your copy’s.",
    "hidden": "The fact also holds values that this file does not show: {names}.",
    "witness": "The witness “{name}” saw the same tree at {at}.",
    "no_witness": "No witness from outside signed too, so it is not proved that everybody is shown the same record.",
    "unknown_witness": "You gave no policy, so it is yours to judge whether {names} can be trusted as a witness.",
    "quorum_met": "The witnesses that your policy asks for have signed.",
    "names": "The portal vouches for this title and these names with its key; they are not in the tree: “{title}”. {names}",
    "checkpoint": "It agrees with the checkpoint of {size} facts you gave.",
    "not_proved": "Not proved: that nothing happened which was never recorded, who used an account, and that the database’s clock "
    "was right.",
    "statement": "The record “{origin}” holds these {count} facts about {subject}, numbers {first} to {last} of its chain, with "
    "nothing left out between them.",
    "part": "This is a part: it begins where the duty of whom it is for began.",
    "withheld": "Facts withheld: {count}. Nothing is said about them, and no absence is proved across them.",
    "duty": "{holder} held the duty from {start} to {end} because {why}.",
    "duty_from": "{holder} held the duty from {start} because {why}. Facts that followed are withheld, so until when is not proved.",
    "duty_now": "{holder} held the duty from {start}, and still at {end}, because {why}.",
    "told": "{holder} was told at {at}.",
    "opened": "{actor} opened it at {at}.",
    "taken_up": "{actor} took it up at {at}.",
    "acted": "{actor} acted at {at}.",
    "acted_late": "{actor} acted at {at}, after their deadline.",
    "stepped_aside": "{actor} stepped aside at {at}.",
    "disputed": "The reporter disputed at {at} what was done.",
    "missed": "The deadline to {what} at {due} was missed; the clock noticed at {at}.",
    "unheard": "The reporter was to hear by {due} and did not; the clock noticed at {at}.",
    "not_opened": "Nobody opened it before the deadline at {due}. The unbroken chain proves it.",
    "not_acted": "Nobody acted before the deadline at {due}. The unbroken chain proves it.",
    "nothing_more": "Up to {at}, nothing else was recorded on this chain.",
    "nothing_between": "From its first fact here up to {at}, nothing else was recorded on this chain.",
    "export": "All {size} facts of the record “{origin}”, about {subjects} subjects, are there, in order, and give the root of each "
    "of the {checkpoints} "
    "checkpoints, the last signed at {at}.",
    "export_retired": "{count} of these checkpoints are signed with a key that the record has retired since. They are of the same tree as "
    "the last, which a key you trust signed.",
    "rows": "The database’s own rows say the same: columns, chains, tree heads and signatures. Facts that wait for their place: {waiting}.",
    "stamps": "{count} time stamps name checkpoints of this export. Their own signatures are for “openssl ts -verify” to check.",
    "held": "{other} agrees with this export.",
    "held_promise": "The export holds the fact that {other} promises, at number {index}.",
    "too_early": "The export was signed before the promise in {other} was due, so it may not hold its fact yet.",
    "held_shard": "{other} is from the record “{theirs}”; its fact stands in this export of “{origin}” too.",
}
WHY = {
    "sent": "the report was sent",
    "open_missed": "the deadline to open was missed",
    "act_missed": "the deadline to act was missed",
    "passed": "it was passed on",
    "stepped_aside": "the holder stepped aside",
    "moved": "professional standards moved it",
    "referred": "it was referred to professional standards",
    "left": "the holder left",
    "reopened": "the report was reopened",
    "disputed": "the reporter disputed what was done",
    "transferred": "the holder moved to another unit",
}
MONTHS = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"]

MOST_BYTES, MOST_NUMBER, MOST_NOTE, MOST_LINES = 32 << 20, 2**53 - 1, 65_536, 64
PROMPTLY = 60_000_000  # microseconds after an act within which its fact is written
CLOCKS, BACKDATED = 300_000_000, 600_000_000  # microseconds by which clocks may differ, and by which a fact may be older than a signature
NOTE, COSIGNATURE = 1, 4
NOTHING = "0" * 64
BEGINNINGS = (b'{"candour":"receipt/v1"', b'{"candour":"statement/v1"')
TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Bad(Exception):
    """A check that failed: the sentence's name, and what it is filled with."""

    def __init__(self, code: str, **values: Any) -> None:
        self.code, self.sentence = code, say(code, **values)
        super().__init__(self.sentence)


class Unreadable(Bad):
    """Neither good nor bad: this is no receipt, statement or export, or it cannot be read."""


@dataclass
class Verdict:
    """Whether it is good, the name of the sentence that decided it (`good` where it is), and the sentences for people."""

    good: bool
    code: str
    sentences: list[str]


def say(code: str, **values: Any) -> str:
    return SENTENCES[code].format(**{name: shown(value) for name, value in values.items()})


def shown(value: Any, most: int = 2_000) -> str:
    """`value` as one line of plain text, whatever it holds: no control characters reach a terminal."""
    if isinstance(value, int):
        return f"{value:,}"
    text = " ".join(str(value)[: most + 1].split())
    return "".join(letter if letter.isprintable() else "�" for letter in text[:most]) + ("…" if len(text) > most else "")


# --- Ed25519 (RFC 8032, 5.1.7, without the cofactor): points are extended coordinates, tables hold multiples of a point by nibble ------

P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)
Point = tuple[int, int, int, int]
ZERO: Point = (0, 1, 1, 0)


def add(one: Point, two: Point) -> Point:
    a, b = (one[1] - one[0]) * (two[1] - two[0]) % P, (one[1] + one[0]) * (two[1] + two[0]) % P
    c, d = 2 * D * one[3] * two[3] % P, 2 * one[2] * two[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def double(one: Point) -> Point:
    a, b, c = one[0] * one[0] % P, one[1] * one[1] % P, 2 * one[2] * one[2] % P
    h = a + b
    e, g = h - (one[0] + one[1]) ** 2 % P, a - b
    f = c + g
    return e * f % P, g * h % P, f * g % P, e * h % P


def decompress(encoded: bytes) -> Point | None:
    """The point that 32 bytes encode; None for none, and for another spelling than the canonical one."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (1 << 255) - 1
    if y >= P or len(encoded) != 32:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def row(point: Point) -> list[Point]:
    """0 to 15 times the point."""
    found = [ZERO, point]
    while len(found) < 16:
        found.append(add(found[-1], point))
    return found


def comb(point: Point) -> list[list[Point]]:
    rows = []
    for _ in range(64):
        rows.append(row(point))
        point = double(rows[-1][8])
    return rows


class Multiples:
    """Multiplies one point. Its table is made once it has been multiplied often enough to pay for it."""

    def __init__(self, point: Point, often: bool = False) -> None:
        self.small, self.point, self.uses = row(point), point, 0
        self.rows: list[list[Point]] = comb(point) if often else []

    def times(self, number: int, start: Point = ZERO) -> Point:
        """`start` + `number` × the point."""
        self.uses += 1
        if self.uses == 8 and not self.rows:
            self.rows = comb(self.point)
        if self.rows:
            for line in self.rows:
                if number & 15:
                    start = add(start, line[number & 15])
                number >>= 4
            return start
        found = ZERO
        for shift in range(252, -4, -4):
            found = double(double(double(double(found))))
            if number >> shift & 15:
                found = add(found, self.small[number >> shift & 15])
        return add(found, start)


@lru_cache(maxsize=1)
def base_point() -> Multiples:
    found = decompress((4 * pow(5, -1, P) % P).to_bytes(32, "little"))
    assert found is not None  # noqa: S101 - a constant of RFC 8032
    return Multiples(found, often=True)


@lru_cache(maxsize=64)
def negated(public: bytes) -> Multiples | None:
    """Multiples of minus the public key; None for what is no key, or one of small order, which anybody can sign for."""
    point = decompress(public)
    if point is None:
        return None
    eighth = double(double(double(point)))
    return Multiples((P - point[0], point[1], 1, P - point[3])) if eighth[0] % P else None


def ed25519_verify(public: bytes, message: bytes, signature: bytes) -> bool:
    """Whether the 64 bytes are the signature of `public` (32 bytes) over `message`."""
    scalar = int.from_bytes(signature[32:], "little")
    key = negated(bytes(public)) if len(public) == 32 and len(signature) == 64 and scalar < ORDER else None
    if key is None:
        return False
    challenge = int.from_bytes(sha512(signature[:32] + public + message).digest(), "little") % ORDER
    x, y, z, _ = key.times(challenge, base_point().times(scalar))
    inverse = pow(z, -1, P)
    return (y * inverse % P | (x * inverse % P & 1) << 255).to_bytes(32, "little") == signature[:32]


# --- Trees (RFC 6962, 2.1) -----------------------------------------------------------------------------------------------------


def leaf_hash(leaf: bytes) -> bytes:
    return sha256(b"\0" + leaf).digest()


def leaf_hashes(leaves: Iterable[bytes]) -> list[bytes]:
    """`leaf_hash` of each."""
    found, begun = [], sha256(b"\0").copy
    for leaf in leaves:
        one = begun()
        one.update(leaf)
        found.append(one.digest())
    return found


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\1" + left + right).digest()


def root_from_path(index: int, size: int, leaf: bytes, path: Sequence[bytes]) -> bytes | None:
    """The root that an inclusion proof leads to from a leaf hash (RFC 9162, 2.1.3.2); None for a path of another length."""
    if not 0 <= index < size:
        return None
    at, last, root = index, size - 1, leaf
    for sibling in path:
        if last == 0:
            return None
        if at & 1 or at == last:
            root = node_hash(sibling, root)
            while at and not at & 1:
                at, last = at >> 1, last >> 1
        else:
            root = node_hash(root, sibling)
        at, last = at >> 1, last >> 1
    return None if last else root


class Tree:
    """The roots of the perfect subtrees of the leaves so far: `waiting[n]` is that of 2ⁿ leaves, or None."""

    def __init__(self) -> None:
        self.size, self.waiting = 0, list[Any]()

    def extend(self, hashes: Sequence[bytes]) -> None:
        """Add leaf hashes, a level at a time: many at once are cheaper than one by one."""
        self.size += len(hashes)
        level, nodes, digest = 0, list(hashes), sha256
        while nodes:
            if level == len(self.waiting):
                self.waiting.append(None)
            if self.waiting[level] is not None:
                nodes.insert(0, self.waiting[level])
            self.waiting[level] = nodes.pop() if len(nodes) & 1 else None
            nodes = [digest(b"\1" + left + right).digest() for left, right in zip(nodes[::2], nodes[1::2])]
            level += 1

    def frontier(self) -> str:
        """SHA-256 of the perfect subtrees' roots, largest first, in hexadecimal."""
        return sha256(b"".join(node for node in reversed(self.waiting) if node is not None)).hexdigest()

    def root(self) -> bytes:
        root = None
        for node in self.waiting:
            if node is not None:
                root = node if root is None else node_hash(node, root)
        return sha256(b"").digest() if root is None else root


# --- Strict reading --------------------------------------------------------------------------------------------------------------


def canonical(value: Any) -> str:
    """RFC 8785 for text, whole numbers, booleans, null, lists and objects with ASCII names. Raises ValueError for anything else."""
    check_value(value)
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def check_value(value: Any) -> None:
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError("NUL")
        value.encode()  # half a surrogate pair raises UnicodeEncodeError, which is a ValueError
    elif isinstance(value, dict):
        for name, item in value.items():
            if not name.isascii():
                raise ValueError("a name that is not ASCII")
            check_value(name)
            check_value(item)
    elif isinstance(value, list):
        for item in value:
            check_value(item)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) > MOST_NUMBER):
        raise ValueError("a number that is not whole or too large")


def whole_number(text: str) -> float:
    """A number as JSON has it; what is too long to be one of ours becomes infinity, which `canonical` refuses."""
    return int(text) if len(text) <= 17 else math.inf


def no_number(text: str) -> None:
    """NaN and Infinity are not JSON."""
    raise ValueError(text)


def from_json(text: str) -> Any:
    """Canonical JSON. Raises ValueError for any other spelling, and for what nests too deep."""
    try:
        value = json.loads(text, parse_int=whole_number, parse_constant=no_number)
        same = canonical(value) == text
    except RecursionError as error:
        raise ValueError("it nests too deep") from error
    if not same:
        raise ValueError("it is not canonical JSON")
    return value


def need(true: Any, why: str) -> None:
    if not true:
        raise Bad("form", why=why)


def from_64(text: Any, length: int = 0) -> bytes:
    """Base64 in its one spelling, of `length` bytes where that is given."""
    need(isinstance(text, str) and text.isascii(), "base64 is missing")
    try:
        value = base64.b64decode(text, validate=True)
    except ValueError as error:
        raise Bad("form", why="something is not base64") from error
    need(base64.b64encode(value).decode() == text and length in (0, len(value)), "base64 is misspelt or of another length")
    return value


def micros(time: Any) -> int:
    """A time as facts spell it, in microseconds since 1970."""
    need(isinstance(time, str) and TIME.fullmatch(time), "a time is misspelt")
    try:
        return (datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc) - EPOCH) // timedelta(microseconds=1)
    except ValueError as error:
        raise Bad("form", why="a time does not exist") from error


def when(time: int) -> str:
    """Microseconds since 1970 for people."""
    at = EPOCH + timedelta(microseconds=time)
    return f"{at:%H:%M:%S} UTC on {at.day} {MONTHS[at.month - 1]} {at.year}"


def members(value: Any, *names: str) -> list[Any]:
    """The values of an object that has exactly these members."""
    need(isinstance(value, dict) and sorted(value) == sorted(names), "its members are not those it should have")
    return [value[name] for name in names]


@dataclass(frozen=True)
class Key:
    """A public key with the name and the signature type it signs as (c2sp.org/signed-note)."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"


def parse_key(vkey: Any) -> Key:
    need(isinstance(vkey, str) and vkey.count("+") >= 2, "a key is misspelt")
    name, _, encoded = vkey.split("+", 2)
    material = from_64(encoded, 33)
    need(material[0] in (NOTE, COSIGNATURE) and name and good_text(name) and not SPACE.search(name), "a key is misspelt")
    key = Key(name, material[0], material[1:])
    need(str(key) == vkey, "a key has another ID than it says")
    return key


# Control characters, and Unicode's property White_Space, which is neither Python's `\s` nor JavaScript's (c2sp.org/signed-note, "Format").
SPACE = re.compile(r"[\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


def good_text(text: str) -> bool:
    return not any("\ud800" <= letter <= "\udfff" for letter in text)


Line = tuple[str, bytes, bytes]  # name, key ID, signature


def parse_note(text: Any) -> tuple[str, list[Line]]:
    """A signed note: its text, and its signature lines, which no key has two of."""
    need(
        isinstance(text, str) and len(text) <= MOST_NOTE and not re.search(r"[\x00-\x09\x0b-\x1f]", text), "a note holds what notes do not"
    )
    body, divider, signatures = text.rpartition("\n\n")
    rows = signatures.split("\n")
    need(divider and rows.pop() == "" and 1 <= len(rows) <= MOST_LINES, "a note lacks its signatures")
    lines = []
    for line in rows:
        parts = line.split(" ")
        need(
            len(parts) == 3 and parts[0] == "—" and parts[1] and "+" not in parts[1] and not SPACE.search(parts[1]),
            "a signature line is misspelt",
        )
        value = from_64(parts[2])
        need(len(value) > 4, "a signature line is misspelt")
        lines.append((parts[1], value[:4], value[4:]))
    need(len({line[:2] for line in lines}) == len(lines), "a key signs twice")
    return body + "\n", lines


def check_line(text: str, line: Line, key: Key) -> int:
    """The time in microseconds that a cosignature says, 0 for other signatures. Raises Bad unless it is by `key` over `text`."""
    message, at, signature = text.encode(), 0, line[2]
    if key.kind == COSIGNATURE:
        at, signature = int.from_bytes(signature[:8], "big"), signature[8:]
        message = f"cosignature/v1\ntime {at}\n".encode() + message
    if line[:2] != (key.name, key.key_id) or at > 1 << 37 or not ed25519_verify(key.public, message, signature):
        raise Bad("signature", name=key.name)
    return at * 1_000_000


@dataclass
class Checkpoint:
    """A signed tree head (c2sp.org/tlog-checkpoint), its signatures not checked yet."""

    origin: str
    size: int
    root: bytes
    text: str
    lines: list[Line]


def parse_checkpoint(note: Any) -> Checkpoint:
    text, lines = parse_note(note)
    rows = text.split("\n")
    need(
        len(rows) == 4 and rows[0] and re.fullmatch("0|[1-9][0-9]{0,15}", rows[1]) and int(rows[1]) <= MOST_NUMBER,
        "a checkpoint is misspelt",
    )
    return Checkpoint(rows[0], int(rows[1]), from_64(rows[2], 32), text, lines)


# --- Whom you trust --------------------------------------------------------------------------------------------------------------


@dataclass
class Policy:
    """c2sp.org/tlog-policy: groups are (name, how many are needed, members), in their order."""

    logs: list[Key] = field(default_factory=list)
    witnesses: dict[bytes, Key] = field(default_factory=dict)
    groups: list[tuple[bytes, int, list[bytes]]] = field(default_factory=list)
    quorum: bytes = b""

    def met(self, signed: Iterable[Key]) -> bool:
        keys = set(signed)
        seen = {b"none", *(name for name, key in self.witnesses.items() if key in keys)}
        for name, least, names in self.groups:
            if sum(one in seen for one in names) >= least:
                seen.add(name)
        return self.quorum in seen


def parse_policy(data: bytes) -> Policy:
    """Raises Unreadable, with the number of the line at fault."""
    policy, rows = Policy(), data.split(b"\n")
    if rows.pop() or len(data) > 1 << 20:
        raise Unreadable("bad_policy", why="it does not end in a newline, or is larger than 1 MB")
    taken: set[bytes] = set()
    for number, line in enumerate(rows, 1):
        try:
            read_rule(policy, line, taken)
        except (ValueError, Bad) as error:
            raise Unreadable("bad_policy", why=f"line {number} is not as tlog-policy has it") from error
    if not policy.quorum:
        raise Unreadable("bad_policy", why="there is no quorum line")
    return policy


def read_rule(policy: Policy, line: bytes, taken: set[bytes]) -> None:
    """One line of a policy. Raises ValueError or Bad. `taken`: names that are members already."""
    if re.search(rb"[^\t\x20-\x7e\x80-\xff]", line):
        raise ValueError
    words = re.split(rb"[ \t]+", line.strip(b" \t"))
    if not words[0] or words[0].startswith(b"#"):
        return
    defined = {b"none", *policy.witnesses, *(group[0] for group in policy.groups)}
    what, many = words[0], len(words)
    if what == b"log" and many in (2, 3):
        key = parse_key(words[1].decode())
        fresh = key.public not in {log.public for log in policy.logs}
        policy.logs.append(key)
    elif what == b"witness" and many in (3, 4):
        key = parse_key(words[2].decode())
        fresh = words[1] not in defined and key.kind == COSIGNATURE and key.public not in {one.public for one in policy.witnesses.values()}
        policy.witnesses[words[1]] = key
    elif what == b"group" and many >= 4:
        names, word = words[3:], words[2]
        least = {b"all": len(names), b"any": 1}.get(word) or (int(word) if re.fullmatch(rb"[1-9][0-9]{0,5}", word) else 0)
        known = set(names) <= defined - {b"none"} and not taken & set(names) and len(set(names)) == len(names)
        fresh = words[1] not in defined and known and 1 <= least <= len(names)
        policy.groups.append((words[1], least, names))
        taken.update(names)
    else:
        fresh = what == b"quorum" and many == 2 and not policy.quorum and words[1] in defined
        policy.quorum = words[-1]
    if not fresh:
        raise ValueError


RETIRED = "# retired: "  # what a retired key's line in a file of keys begins with


def is_among(key: Key, keys: Iterable[Key]) -> bool:
    """Whatever they sign with: a name or a time."""
    return any((key.name, key.public) == (other.name, other.public) for other in keys)


@dataclass
class Trust:
    """What the verifier was told: keys, witnesses, the time, and what else to hold a file against. Times in microseconds since 1970."""

    keys: list[Key]
    now: int
    policy: Policy | None = None
    checkpoint: Checkpoint | None = None
    max_age: int | None = None  # days
    retired: Sequence[Key] = ()  # keys that your file of keys lists as such

    def logs(self) -> list[Key]:
        """Log keys of type 0x01 are trusted for timed signatures too."""
        return [*self.keys, *(self.policy.logs if self.policy else [])]

    def trusts(self, key: Key) -> bool:
        return is_among(key, self.logs())

    def check_portal(self, key: Key) -> None:
        if self.keys and key not in self.keys:
            raise Bad("wrong_portal_key", key=key)

    def check_checkpoint(self, checkpoint: Checkpoint, keys: Sequence[Key]) -> tuple[int, list[tuple[Key, int]]]:
        """When the log signed, and the cosignatures by others. `keys`: every key with a line, in the order in which they first sign."""
        origin = checkpoint.origin
        need([line[:2] for line in checkpoint.lines] == [(key.name, key.key_id) for key in keys], "the keys are not those that signed")
        need(all(key.kind == COSIGNATURE for key in keys if key.name != origin), "somebody else’s signature has no time")
        self.check_logs(origin, keys)
        times = [check_line(checkpoint.text, line, key) for line, key in zip(checkpoint.lines, keys)]
        own = [(key, at) for key, at in zip(keys, times) if key.name == origin and (not self.logs() or self.trusts(key))]
        if {key.kind for key, _ in own} != {NOTE, COSIGNATURE}:
            raise Bad("unsigned", origin=origin)
        others = [(key, at) for key, at in zip(keys, times) if key.name != origin]
        if self.policy and not self.policy.met(key for key, _ in others):
            listed = self.policy.witnesses.values()
            found = sum(key in listed for key, _ in others)
            raise Bad("quorum", found=found, listed=len(listed), quorum=self.policy.quorum.decode(errors="replace"))
        return max(at for _, at in own), others

    def check_logs(self, origin: str, keys: Sequence[Key]) -> None:
        """That one of `keys` is a log's and trusted, which says nothing yet of its signature. Raises Bad."""
        known, logs = self.logs(), [key for key in keys if key.name == origin]
        names = sorted({key.name for key in known if not key.name.endswith("/portal")})
        if known and origin not in names:
            raise Bad("wrong_origin", origin=origin, trusted=", ".join(f"“{name}”" for name in names) or "no record")
        if not logs:
            raise Bad("unsigned", origin=origin)
        if known and not any(self.trusts(key) for key in logs):
            retired = [key for key in logs if is_among(key, self.retired)]
            raise Bad("retired" if retired else "wrong_key", name=origin, key=[*retired, *logs][0])

    def check_time(self, signed: int) -> None:
        if signed > self.now + CLOCKS:
            raise Bad("future_signed", at=when(signed))
        if self.max_age is not None and self.now - signed > self.max_age * 86_400_000_000:
            raise Bad("stale", at=when(signed), days=self.max_age)

    def check_own(self, checkpoint: Checkpoint, export: bool) -> str | None:
        """Hold a checkpoint against the one that was given; with an export, the two may differ in size. Returns what to say."""
        own = self.checkpoint
        if own is None or (export and own.size != checkpoint.size):
            return None
        if own.origin != checkpoint.origin:
            raise Bad("wrong_origin", origin=checkpoint.origin, trusted=f"“{own.origin}”")
        if own.size != checkpoint.size:
            raise Bad("stale_checkpoint" if checkpoint.size < own.size else "future_checkpoint", size=checkpoint.size, given=own.size)
        if own.root != checkpoint.root:
            raise Bad("split", other="the checkpoint you gave", size=own.size)
        return say("checkpoint", size=own.size)


def trust(
    keys: Iterable[str],
    now: datetime | None,
    policy: bytes | None = None,
    checkpoint: str | None = None,
    max_age: int | None = None,
    retired: Sequence[Key] = (),
) -> Trust:
    """Raises Unreadable for what cannot be read, and Bad for a checkpoint that no trusted key signed."""
    known = [a_key(key) for key in keys]
    at = (now or datetime.now(timezone.utc)).astimezone(timezone.utc)
    rules = parse_policy(policy) if policy is not None else None
    trusted = Trust(known, (at - EPOCH) // timedelta(microseconds=1), rules, None, max_age, retired)
    if checkpoint is not None:
        try:
            own = parse_checkpoint(checkpoint)
        except Bad as error:
            raise Unreadable("bad_checkpoint") from error
        if trusted.logs():
            check_signed(trusted, own)
        trusted.checkpoint = own
    return trusted


def a_key(vkey: str) -> Key:
    try:
        return parse_key(vkey)
    except Bad as error:
        raise Unreadable("bad_key", name=vkey) from error


def check_signed(trusted: Trust, checkpoint: Checkpoint) -> int:
    """When a trusted log signed a checkpoint that stands alone, without the keys of those who signed it. Raises Bad."""
    logs = [Key(key.name, kind, key.public) for key in trusted.logs() if key.name == checkpoint.origin for kind in (NOTE, COSIGNATURE)]
    found = {(key.name, key.key_id): key for key in logs}
    if not found:
        trusted.check_logs(checkpoint.origin, [Key(checkpoint.origin, NOTE, bytes(32))])
    signed = [(found[line[:2]], line) for line in checkpoint.lines if line[:2] in found]
    times = [check_line(checkpoint.text, line, key) for key, line in signed]
    if {key.kind for key, _ in signed} != {NOTE, COSIGNATURE}:
        raise Bad("unsigned", origin=checkpoint.origin)
    return max(times)


# --- Facts, receipts, statements ---------------------------------------------------------------------------------------------------

LEAF_NAMES = ("actor", "at", "facts", "kind", "prev", "sealed", "seq", "subject", "v")


def parse_leaf(text: Any) -> dict[str, Any]:
    """A fact. Raises Bad("form")."""
    need(isinstance(text, str), "a fact is not text")
    try:
        found = from_json(text)
    except ValueError as error:
        raise Bad("form", why="a fact is not canonical JSON") from error
    need(isinstance(found, dict), "a fact is not an object")
    leaf: dict[str, Any] = found
    second = leaf.get("v") == 2
    members(leaf, *LEAF_NAMES, *(["id"] if second else []))
    micros(leaf["at"])
    sealed, seq, prev = leaf["sealed"], leaf["seq"], leaf["prev"]
    need(
        all(isinstance(leaf[name], str) and leaf[name] for name in ("actor", "kind", "subject", "prev")),
        "a fact’s members are of other types",
    )
    need(isinstance(leaf["facts"], dict) and isinstance(sealed, dict), "a fact’s members are of other types")
    need(
        all(type(leaf[name]) is int and leaf[name] >= 1 for name in ("seq", "v", *(["id"] if second else []))) and leaf["v"] <= 2,
        "a fact’s numbers",
    )
    need(
        all(isinstance(one, str) and re.fullmatch("hmac-sha256:[0-9a-f]{64}", one) for one in sealed.values()), "a sealed value is misspelt"
    )
    need(re.fullmatch("[0-9a-f]{64}", prev) and (seq == 1) == (prev == NOTHING), "a link is misspelt")
    return leaf


def check_disclosed(leaf: dict[str, Any], disclosed: Any) -> list[str]:
    """What values were disclosed, each held against the fact's hash of it."""
    need(isinstance(disclosed, dict), "what is disclosed is not an object")
    told = []
    for name, given in disclosed.items():
        if name not in leaf["sealed"]:
            raise Bad("extra_value", name=name)
        is_file = name.startswith("file-")
        salt, value = members(given, "salt", "sha256" if is_file else "value")
        if is_file:
            need(isinstance(value, str) and re.fullmatch("[0-9a-f]{64}", value), "a digest is misspelt")
        plain = bytes.fromhex(value) if is_file else from_64(value)
        real = hmac.new(from_64(salt, 32), plain, sha256).hexdigest()
        if leaf["sealed"][name] != f"hmac-sha256:{real}":
            raise Bad("swapped_value", name=name)
        told.append(say("file", name=name, sha256=value) if is_file else say("value", name=name, value=plain.decode(errors="replace")))
    hidden = ", ".join(sorted(set(leaf["sealed"]) - set(disclosed)))
    return [*told, *([say("hidden", names=hidden)] if hidden else [])]


def check_words(paper: dict[str, Any], name: str) -> tuple[str, Line]:
    """The text that the portal signed over `words`, and its signature."""
    words = paper["words"]
    need(isinstance(words, dict), "the words are not an object")
    micros(words.get("issued_at"))
    names = words.get("names")
    need(isinstance(words.get("title"), str) and isinstance(names, dict), "the words have no title or names")
    need(all(isinstance(one, str) for one in names.values()), "a name is not text")
    return own_note(paper["words_note"], name)


def check_bound(text: str, paper: dict[str, Any], name: str, digests: Iterable[bytes]) -> None:
    """What the portal signed names these words and these leaves: words of another paper do not fit."""
    words, leaves = (base64.b64encode(sha256(one).digest()).decode() for one in (canonical(paper["words"]).encode(), b"".join(digests)))
    if text != f"{name}\nwords {words} {leaves}\n":
        raise Bad("swapped_words")


def own_note(note: Any, name: str) -> tuple[str, Line]:
    """A note with the portal's signature alone."""
    text, lines = parse_note(note)
    need(len(lines) == 1 and lines[0][0] == name, "a note is not signed by the portal alone")
    return text, lines[0]


@dataclass
class Claim:
    """What a good file says of the tree, to hold an export against. `size` 0: a promise, due at `by`."""

    label: str
    origin: str
    size: int
    root: bytes
    leaves: list[tuple[int, bytes]]
    by: int = 0


def paper_keys(paper: dict[str, Any]) -> list[Key]:
    need(isinstance(paper["keys"], list) and 1 <= len(paper["keys"]) <= MOST_LINES + 1, "the keys are not a list")
    keys = [parse_key(vkey) for vkey in paper["keys"]]
    portal = keys[-1]
    need(len(set(keys)) == len(keys) and portal.kind == NOTE and portal.name.endswith("/portal"), "the portal’s key is not the last")
    return keys


def after_all(trusted: Trust, keys: Sequence[Key]) -> None:
    """The last check of all: that a key was trusted in the first place."""
    if not trusted.keys:
        wanted = [key for key in keys if key.kind == NOTE]
        raise Bad("no_key", key=" and ".join(map(str, wanted)))


def named(words: dict[str, Any]) -> Callable[[Any], str]:
    """People as the portal names them, else their keys."""
    return lambda key: f"{words['names'][key]}" if isinstance(key, str) and key in words["names"] else str(key)


def about_names(words: dict[str, Any]) -> str:
    names = "; ".join(f"{key} is {name}" for key, name in sorted(words["names"].items()))
    return say("names", title=words["title"], names=names + "." if names else "")


def about_witnesses(trusted: Trust, others: Sequence[tuple[Key, int]]) -> list[str]:
    told = [say("witness", name=key.name, at=when(at)) for key, at in others]
    if trusted.policy:
        return [*told, *([say("quorum_met")] if trusted.policy.quorum != b"none" else [say("no_witness")] if not told else [])]
    names = ", ".join(f"“{key.name}”" for key, _ in others)
    return [*told, say("unknown_witness", names=names)] if others else [say("no_witness")]


def check_receipt(paper: dict[str, Any], trusted: Trust, export: bool = False) -> tuple[Claim, list[str]]:
    """Cheap checks first. Raises Bad."""
    pending = "promise" in paper
    members(paper, "candour", "disclosed", "keys", "leaf", "promise" if pending else "proof", "words", "words_note")
    leaf, digest = parse_leaf(paper["leaf"]), leaf_hash(paper["leaf"].encode())
    told = check_disclosed(leaf, paper["disclosed"])
    keys = paper_keys(paper)
    portal, words = keys[-1], check_words(paper, keys[-1].name)
    whose = named(paper["words"])
    about = {"kind": leaf["kind"], "subject": leaf["subject"], "actor": whose(leaf["actor"])}
    if pending:
        claim, first, check = check_promise(paper, trusted, keys, leaf, digest, about)
    else:
        claim, first, check = check_proof(paper, trusted, keys, leaf, digest, about, export)
    check_bound(words[0], paper, portal.name, [digest])
    trusted.check_portal(portal)
    first += check()
    check_line(*words, portal)
    after_all(trusted, keys)
    recorded = say("recorded", title=paper["words"]["title"].rstrip("."), at=when(micros(leaf["at"])))
    return claim, [recorded, first[0], *told, *first[1:], about_names(paper["words"]), say("not_proved")]


Check = Callable[[], list[str]]


def check_promise(
    paper: dict[str, Any], trusted: Trust, keys: Sequence[Key], leaf: dict[str, Any], digest: bytes, about: dict[str, str]
) -> tuple[Claim, list[str], Check]:
    need(len(keys) == 1, "a promise is signed by the portal alone")
    portal = keys[0]
    origin = portal.name.removesuffix("/portal")
    text, line = own_note(paper["promise"], portal.name)
    found = re.fullmatch(r"[^\n]*\npromise (\S+) (\S+) (\S+)\n", text)
    need(found and text.startswith(portal.name + "\n"), "the promise is misspelt")
    assert found is not None  # noqa: S101 - `need` has seen to it
    by = micros(found[3])
    if from_64(found[1], 32) != digest or found[2] != leaf["at"]:
        raise Bad("swapped_promise")
    need(micros(found[2]) <= by, "the promise ends before it begins")
    names = sorted({key.name for key in trusted.keys})
    if names and portal.name not in names:
        raise Bad("wrong_origin", origin=origin, trusted=", ".join(f"“{name}”" for name in names))

    def check() -> list[str]:
        check_line(text, line, portal)
        if micros(leaf["at"]) > trusted.now + CLOCKS:
            raise Bad("future_signed", at=when(micros(leaf["at"])))
        if trusted.now > by:
            raise Bad("late_promise", by=when(by))
        return []

    return Claim("", origin, 0, b"", [(-1, digest)], by), [say("promised", at=when(micros(leaf["at"])), by=when(by), **about)], check


def check_proof(
    paper: dict[str, Any], trusted: Trust, keys: Sequence[Key], leaf: dict[str, Any], digest: bytes, about: dict[str, str], export: bool
) -> tuple[Claim, list[str], Check]:
    proof = paper["proof"]
    need(isinstance(proof, str), "the proof is not text")
    head, _, note = proof.partition("\n\n")
    rows = head.split("\n")
    need(
        rows[0] == "c2sp.org/tlog-proof@v1" and len(rows) >= 2 and re.fullmatch("index (0|[1-9][0-9]{0,15})", rows[1]),
        "the proof is misspelt",
    )
    need(len(rows) <= 66, "the proof is too long")
    index, path = int(rows[1][6:]), [from_64(node, 32) for node in rows[2:]]
    checkpoint = parse_checkpoint(note)
    need(keys[-1].name == f"{checkpoint.origin}/portal", "the portal’s key is of another record")
    if root_from_path(index, checkpoint.size, digest, path) != checkpoint.root:
        raise Bad("swapped_proof")
    trusted.check_logs(checkpoint.origin, keys)
    first = [say("fact", origin=checkpoint.origin, index=index, size=checkpoint.size, at=when(micros(leaf["at"])), **about)]

    def check() -> list[str]:
        signed, more = check_tree(trusted, checkpoint, keys[:-1], micros(leaf["at"]), export)
        return [say("genuine", origin=checkpoint.origin), say("signed", at=when(signed), size=checkpoint.size), *more]

    return Claim("", checkpoint.origin, checkpoint.size, checkpoint.root, [(index, digest)]), first, check


def check_tree(trusted: Trust, checkpoint: Checkpoint, keys: Sequence[Key], at: int, export: bool) -> tuple[int, list[str]]:
    """A checkpoint's signatures and times, for facts up to `at`: when the log signed, and what to say of it."""
    signed, others = trusted.check_checkpoint(checkpoint, keys)
    trusted.check_time(signed)
    if at > signed + CLOCKS:
        raise Bad("future_fact", at=when(at), signed=when(signed))
    own = trusted.check_own(checkpoint, export)
    return signed, [*([own] if own else []), *about_witnesses(trusted, others)]


def check_statement(paper: dict[str, Any], trusted: Trust, export: bool = False) -> tuple[Claim, list[str]]:
    """Raises Bad."""
    facts, subject = members(paper, "facts", "subject", "candour", "checkpoint", "keys", "words", "words_note")[:2]
    need(isinstance(facts, list) and facts and isinstance(subject, str), "it holds no facts")
    checkpoint, keys = parse_checkpoint(paper["checkpoint"]), paper_keys(paper)
    need(keys[-1].name == f"{checkpoint.origin}/portal", "the portal’s key is of another record")
    words = check_words(paper, keys[-1].name)
    need(
        paper["words"].get("for") in ("reporter", "holder", "standards") and isinstance(paper["words"].get("reference"), str),
        "whom it is for",
    )
    chain, values = read_chain(facts, subject, checkpoint)
    check_bound(words[0], paper, keys[-1].name, [one.digest for one in chain])
    shown_facts = [one for one in chain if one.leaf]
    last = chain[-1].leaf
    if last is None or last["kind"] != "statement.given":
        raise Bad("ending")
    first = chain[0].leaf
    is_part = paper["words"]["for"] == "holder" and first is not None and first["kind"] == "duty.passed"
    if chain[0].seq != 1 and not is_part:
        raise Bad("beginning", seq=chain[0].seq)
    trusted.check_logs(checkpoint.origin, keys)
    trusted.check_portal(keys[-1])
    signed, more = check_tree(trusted, checkpoint, keys[:-1], micros(last["at"]), export)
    check_line(*words, keys[-1])
    after_all(trusted, keys)
    about = {"origin": checkpoint.origin, "count": len(chain), "subject": subject, "first": chain[0].seq, "last": chain[-1].seq}
    told = [say("genuine", origin=checkpoint.origin), say("statement", **about), *([say("part")] if chain[0].seq != 1 else [])]
    hidden = len(chain) - len(shown_facts)
    told += [say("withheld", count=hidden)] if hidden else []
    told += [*story(chain, named(paper["words"])), *values, say("signed", at=when(signed), size=checkpoint.size), *more]
    claim = Claim("", checkpoint.origin, checkpoint.size, checkpoint.root, [(one.index, one.digest) for one in chain])
    return claim, [*told, about_names(paper["words"]), say("not_proved")]


@dataclass
class Link:
    """One fact of a statement; `leaf` is None where it is withheld."""

    leaf: dict[str, Any] | None
    seq: int
    index: int
    digest: bytes

    @property
    def at(self) -> int:
        return micros(self.leaf["at"]) if self.leaf else 0


def read_chain(facts: list[Any], subject: str, checkpoint: Checkpoint) -> tuple[list[Link], list[str]]:
    """The facts of a statement, each in the tree and each after the other, and what values they disclose."""
    chain, told, at = list[Link](), list[str](), 0
    for fact in facts:
        one, values = read_link(fact, checkpoint)
        told += values
        if one.leaf and one.leaf["subject"] != subject:
            raise Bad("other_subject", index=one.index, subject=subject)
        if chain and (one.seq != chain[-1].seq + 1 or one.index <= chain[-1].index):
            raise Bad("gap", before=chain[-1].seq, after=one.seq)
        if one.leaf and ((chain and one.leaf["prev"] != chain[-1].digest.hex()) or one.at < at):
            raise Bad("broken_link", seq=one.seq)
        at = one.at or at
        chain.append(one)
    return chain, told


def read_link(fact: Any, checkpoint: Checkpoint) -> tuple[Link, list[str]]:
    withheld = isinstance(fact, dict) and "withheld" in fact
    what, index, path, more = members(fact, *(("withheld", "index", "path", "seq") if withheld else ("leaf", "index", "path", "disclosed")))
    need(type(index) is int and 0 <= index <= MOST_NUMBER and isinstance(path, list) and len(path) <= 64, "a place is misspelt")
    if withheld:
        need(type(more) is int and more >= 1, "a number is misspelt")
        one, values = Link(None, more, index, from_64(what, 32)), list[str]()
    else:
        leaf = parse_leaf(what)
        one, values = Link(leaf, leaf["seq"], index, leaf_hash(what.encode())), check_disclosed(leaf, more)
    if root_from_path(index, checkpoint.size, one.digest, [from_64(node, 32) for node in path]) != checkpoint.root:
        raise Bad("swapped_proof")
    return one, values


EVENTS = {
    "duty.told": ("told", "told_at"),
    "duty.opened": ("opened", "opened_at"),
    "duty.taken_up": ("taken_up", "taken_up_at"),
    "duty.acted": ("acted", "acted_at"),
    "duty.acted_late": ("acted_late", "acted_at"),
    "duty.stepped_aside": ("stepped_aside", ""),
    "closure.disputed": ("disputed", "disputed_at"),
}
OPENINGS, ACTS = ("duty.opened", "duty.taken_up", "duty.acted"), ("duty.acted",)


def story(chain: Sequence[Link], whose: Callable[[Any], str]) -> list[str]:
    """Who held the duty when and what happened, one sentence each, in the order of the chain; then what did not happen."""
    end, told = chain[-1].at, list[str]()
    passed = [place for place, one in enumerate(chain) if one.leaf and one.leaf["kind"] == "duty.passed"]
    holders = {fact_of(chain[place], "duty"): fact_of(chain[place], "holder") for place in passed}
    for place, one in enumerate(chain):
        if one.leaf is None:
            continue
        facts, kind = one.leaf["facts"], one.leaf["kind"]
        if kind == "duty.passed":
            told += interval(chain, place, whose)
        elif kind == "deadline.missed":
            what = shown(facts.get("deadline"))
            told.append(say("missed", what=what, due=when(micros(facts.get("due_at"))), at=when(micros(facts.get("fired_at")))))
        elif kind == "promise.missed":
            told.append(say("unheard", due=when(micros(facts.get("due_at"))), at=when(micros(facts.get("fired_at")))))
        elif kind in EVENTS:
            holder = whose(holders.get(fact_of(one, "duty"), "the holder"))
            told.append(say(EVENTS[kind][0], holder=holder, actor=whose(one.leaf["actor"]), at=when(done_at(one))))
    if all(one.leaf for one in chain):
        told.append(say("nothing_more" if chain[0].seq == 1 else "nothing_between", at=when(end)))
    return told


def fact_of(one: Link, name: str) -> Any:
    """A plain value of a fact, or None."""
    value = one.leaf["facts"].get(name) if one.leaf else None
    return value if isinstance(value, (str, int)) else None


def interval(chain: Sequence[Link], place: int, whose: Callable[[Any], str]) -> list[str]:
    """One holder's time, and which of their deadlines passed without what was due."""
    one, duty = chain[place], fact_of(chain[place], "duty")
    start = micros(fact_of(one, "from_at"))
    rest = [(at, link) for at, link in enumerate(chain) if at > place and link.leaf]
    ends = [(at, link) for at, link in rest if link.leaf and ends_duty(link.leaf, duty)]
    stop = micros(fact_of(ends[0][1], "from_at") or (ends[0][1].leaf or {}).get("at")) if ends else chain[-1].at
    words = {"holder": whose(fact_of(one, "holder")), "start": when(start), "end": when(stop)}
    why = WHY.get(str(fact_of(one, "why")), str(fact_of(one, "why")))
    last = ends[0][0] if ends else len(chain) - 1
    whole = all(link.leaf for link in chain[place : last + 1])
    told = [say(("duty" if ends else "duty_now") if whole else "duty_from", why=why, **words)]
    for name, kinds, code in (("open_due_at", OPENINGS, "not_opened"), ("act_due_at", ACTS, "not_acted")):
        due = micros(fact_of(one, name))
        seen = chain[place : last + 1]
        done = any(link.leaf and link.leaf["kind"] in kinds and fact_of(link, "duty") == duty and done_at(link) < due for link in seen)
        over = next((at for at, link in enumerate(seen) if link.leaf and link.at >= due), None)
        if not done and over is not None and stop >= due and all(link.leaf for link in seen[:over]):
            told.append(say(code, due=when(due)))
    return told


def ends_duty(leaf: dict[str, Any], duty: Any) -> bool:
    if leaf["kind"] == "duty.passed":
        return True
    return leaf["kind"] in ("duty.acted", "report.erased") and leaf["facts"].get("duty") == duty


def done_at(link: Link) -> int:
    """When a fact says that it was done; when it was written, if the two are more than a minute apart. Whoever writes a fact chooses what
    it says, and the database when it was written: so no act can be dated back."""
    facts, name = (link.leaf["facts"], EVENTS[link.leaf["kind"]][1]) if link.leaf else ({}, "")
    said = micros(facts[name]) if name in facts else link.at
    return said if 0 <= link.at - said <= PROMPTLY else link.at


def parse_paper(data: bytes) -> dict[str, Any]:
    """A receipt or statement. Raises Unreadable for what is neither, and Bad for one that is written otherwise than the portal writes."""
    if len(data) > MOST_BYTES:
        raise Unreadable("large")
    try:
        text = data.decode()
        paper = json.loads(text, parse_int=whole_number, parse_constant=no_number)
    except RecursionError as error:
        raise (
            Bad("form", why="it is not canonical JSON and one newline") if data.startswith(BEGINNINGS) else Unreadable("unknown")
        ) from error
    except ValueError as error:
        raise Unreadable("truncated" if data.startswith(BEGINNINGS) and not data.endswith(b"}\n") else "unknown") from error
    if not isinstance(paper, dict) or paper.get("candour") not in ("receipt/v1", "statement/v1"):
        raise Unreadable("unknown")
    try:
        need(canonical(paper) + "\n" == text, "it is not canonical JSON and one newline")
    except (ValueError, RecursionError) as error:
        raise Bad("form", why="it is not canonical JSON and one newline") from error
    return paper


EMBEDDED = re.compile(rb"/EmbeddedFile(?![A-Za-z])")
LENGTH = re.compile(rb"/Length ([0-9]{1,9})(?![0-9]| +[0-9]+ +R)")


def attached(data: bytes) -> bytes:
    """The receipt or statement that is attached to a PDF (ISO 32000-1, 7.11.4), as it is or deflated. Raises Unreadable."""
    for begun in re.finditer(rb"(?<!end)stream\r?\n", data[: MOST_BYTES + 1]):
        words = data[max(begun.start() - 4_096, 0) : begun.start()].rpartition(b" obj")[2]
        if not EMBEDDED.search(words):
            continue
        length = LENGTH.search(words)
        stop = begun.end() + int(length[1]) if length else data.find(b"endstream", begun.end()) % (len(data) + 1)
        piece = data[begun.end() : stop]
        if b"/FlateDecode" in words:
            try:
                piece = zlib.decompressobj().decompress(piece, MOST_BYTES + 1)
            except zlib.error:
                continue
        if piece.startswith(BEGINNINGS):
            return piece
    raise Unreadable("no_attachment")


def check_paper(data: bytes, trusted: Trust, export: bool = False) -> tuple[Claim, list[str]]:
    if data.startswith(b"%PDF-") and len(data) <= MOST_BYTES:
        claim, told = check_paper(attached(data), trusted, export)
        return claim, [say("paper"), *told]
    paper = parse_paper(data)
    try:
        return check_receipt(paper, trusted, export) if paper["candour"] == "receipt/v1" else check_statement(paper, trusted, export)
    except (ValueError, RecursionError, OverflowError) as error:
        raise Bad("form", why="something in it cannot be read") from error


def verify_receipt(
    data: bytes,
    *,
    keys: Iterable[str],
    now: datetime | None = None,
    checkpoint: str | None = None,
    policy: bytes | None = None,
    max_age: int | None = None,
) -> Verdict:
    """Check a receipt, a pending receipt or a statement.

    `keys`: vkeys to trust; without one nothing is good. `checkpoint`: a signed checkpoint to hold it against. `policy`: the text of a
    tlog-policy file. `max_age` in days. Raises Unreadable.
    """
    try:
        return Verdict(True, "good", check_paper(data, trust(keys, now, policy, checkpoint, max_age))[1])
    except Unreadable:
        raise
    except Bad as error:
        return Verdict(False, error.code, [error.sentence])


verify_statement = verify_receipt


# --- Exports -----------------------------------------------------------------------------------------------------------------------

CHUNK, PIECE = 1 << 20, 1 << 17  # the most of a file that is read at once; of leaves and rows, about what a processor’s cache holds
# A leaf's first and last members, without reading what lies between. Every quotation mark matched is one that JSON means: none can follow a
# backslash. A leaf that these do not match is read in full. `prev` is any 64 octets here, because it has to equal the hash before it.
HEAD = re.compile(rb'\{"actor":"[^"\\]*","at":"([0-9T:.-]{26}Z)","facts":\{').match
TAIL = re.compile(
    rb',"prev":"(.{64})","sealed":\{(?:"[^"\\]*":"hmac-sha256:[0-9a-f]{64}",?)*\},"seq":([1-9][0-9]{0,15}),"subject":"([^"\\]+)","v":[12]\}\Z'
).match


# A row of the database as an export gives it: actor, at, facts, id, kind, sealed, subject_seq, subject, leaf_hash, leaf_index. What these
# match can be put together in one way only: `facts` ends where the rest of the leaf, read from its end, begins.
ROW = re.compile(
    rb'([^"\\\t]+)\t([0-9T:.-]{26}Z)\t(\{[^\t]*)\t([1-9][0-9]{0,18})\t([^"\\\t]+)\t(\{(?:"[^"\\\t]*":"hmac-sha256:[0-9a-f]{64}",?)*\})'
    rb'\t([1-9][0-9]{0,15})\t([^"\\\t]+)\t([0-9a-f]{64})\t([0-9]{1,16}|\\N)\Z'
).match
SECOND = b'{"actor":"%b","at":"%b","facts":%b,"id":%b,"kind":"%b","prev":"%b","sealed":%b,"seq":%b,"subject":"%b","v":2}'
COLUMNS = ("actor", "at", "facts", "id", "kind", "sealed", "seq", "subject")  # and then the hash and the place
# The same for many numbers, with a tab after each, and for sealed values up to the digits of the last, for which `"` and `}` follow.
NUMBERS = re.compile(rb"(?:[1-9][0-9]{0,18}\t)*").fullmatch
SEALED = re.compile(rb'\{(?:"[^"\\\t]*":"hmac-sha256:[0-9a-f]{64}",?)*"[^"\\\t]*":"hmac-sha256:').fullmatch
End = tuple[int, bytes, bytes]  # of a chain: number, hash and time of its last fact
Mark = tuple[int, bytes, str, int, str]  # size, root, what to call it, when it was signed, digest of a tree head's frontier


def columns(rows: bytes, first: int) -> list[list[bytes]] | None:
    """The ten columns of rows whose places begin with `first`, if `ROW` would match each, `subject_seq` aside; None where it might not."""
    text = rows.replace(b"\n", b"\n\t")
    cells, many = text.split(b"\t"), len(text) - len(rows)
    found = [cells[place:-1:10] for place in range(10)]
    # A cell holds one newline at most, at its end. If each of the last column does, no other has any, and every row has ten cells.
    if len(cells) != 10 * many + 1 or b"".join(found[9]) != b"%d\n" * many % tuple(range(first, first + many)):
        return None
    actors, times, facts, keys, kinds, sealed, _, subjects, *_ = found
    words = [*actors, *kinds, *subjects]
    joined = b"".join(words)
    plain = all(words) and b'"' not in joined and b"\\" not in joined and min(facts) >= b"{" and max(facts) < b"|"  # all begin with {
    return found if plain and all_times(times) and NUMBERS(b"\t".join([*keys, b""])) and all_sealed(sealed) else None


def all_times(cells: Sequence[bytes]) -> bool:
    """Whether `ROW` would match each of these as a time."""
    joined = b"".join(cells)
    return {*map(len, cells)} == {27} and joined[26::27] == joined.translate(None, b"0123456789T:.-") == b"Z" * len(cells)


def all_sealed(cells: Sequence[bytes]) -> bool:
    """Whether `ROW` would match each of these as sealed values. Most hold one, of few names, and differ in its digits alone."""
    some = [cell for cell in cells if cell != b"{}"]
    many, ends = len(some), b"".join([cell[-66:] for cell in some])
    closed = len(ends) == 66 * many and ends[64::66] == b'"' * many and ends[65::66] == b"}" * many
    digits = 66 * many - len(ends.translate(None, b"0123456789abcdef"))
    return closed and digits == 64 * many and all(map(SEALED, {cell[:-66] for cell in some}))


def no_file() -> Any:
    """A file that holds nothing."""
    return io.BufferedReader(io.BytesIO())


class Lines:
    """The lines of files, in order. `text` holds those that were read and not taken yet: whole lines only.

    `files` gives the name of each, itself, and how many lines it should have, or None where nobody says.
    """

    def __init__(self, files: Iterator[tuple[str, Any, int | None]]) -> None:
        self.files, self.text = files, b""
        self._begin("", no_file(), None)

    def _begin(self, name: str, file: Any, wanted: int | None) -> None:
        self.name, self.file, self.wanted, self.taken, self.torn = name, file, wanted, 0, False

    def fill(self, size: int = 0) -> bool:
        """Read about so many octets, up to the end of a line; whether there were any. The next file is begun when all was taken."""
        while True:
            more = b"" if self.torn else self.file.read(size or PIECE)
            if more and not more.endswith(b"\n"):
                more += self.file.readline(4 * CHUNK)
            whole = more if more.endswith(b"\n") else more[: more.rfind(b"\n") + 1]
            self.text, self.torn = self.text + whole, self.torn or len(whole) < len(more)
            if self.text or not self._go_on():
                return bool(whole)

    def _go_on(self) -> bool:
        """Leave a file of which all was taken, and begin the next one; whether there is one. Raises Bad."""
        if self.torn:
            raise Bad("export_file", file=self.name, why=" does not end in a newline")
        if self.wanted not in (None, self.taken):
            raise Bad("export_file", file=self.name, why=" holds more or fewer facts than it should")
        self._begin(*next(self.files, ("", no_file(), None)))
        return bool(self.name)

    def more(self) -> bool:
        """Whether there is another line, read or not. Raises Bad."""
        while not self.text and (self.torn or not self.file.peek(1)):
            if not self._go_on():
                return False
        return True

    def begins(self, text: bytes) -> bool:
        """Whether what was not taken yet begins with `text`."""
        if len(self.text) < len(text):
            self.fill(len(text) - len(self.text))
        return self.text.startswith(text)

    def skip(self, many: int, length: int) -> None:
        """Take so many lines, of so many octets together."""
        self.text, self.taken = self.text[length:], self.taken + many

    def take(self, most: int = -1) -> list[bytes]:
        """The next lines, without their newlines: all that were read, or as many as there are, up to `most`."""
        lines = list[bytes]()
        while self.text or (len(lines) < most and self.fill()):
            some = self.text.split(b"\n", most - len(lines))
            self.text = some.pop()
            self.taken += len(some)
            lines += some
            if len(lines) == most:
                break
        return lines


Batch = tuple[list[bytes], Callable[[int, int], None]]  # hashes of leaves, and what checks those from one place to another


class Export:
    """One pass over an export, in memory that grows with its subjects and not with its facts."""

    def __init__(self, home: Path, trusted: Trust, claims: Sequence[Claim]) -> None:
        self.home, self.trusted, self.tree = home, trusted, Tree()
        self.chains: dict[bytes, End] = {}  # by subject
        self.checkpoints, self.signed, self.floor, self.own_keys, self.with_rows = 0, 0, b"", "", False
        self.retired: list[Checkpoint] = []  # those that only a retired key signed
        self.other: Bad | None = None
        self.agreed = 0  # the size of the last tree that had the root it should
        self.origin, self.size, self.each = self._manifest()
        self.claims = [claim for claim in claims if claim.origin == self.origin and claim.size]
        self.loose = [claim for claim in claims if claim not in self.claims]
        self.sought = {digest for claim in self.loose for _, digest in claim.leaves}
        self.found: dict[bytes, int] = {}
        self.stamps = dict[int, bytes]()
        places = [(index, digest, claim.label) for claim in self.claims for index, digest in claim.leaves]
        self.places = sorted(places, reverse=True)

    def check(self) -> list[str]:
        for claim in self.claims:
            if claim.size > self.size:
                raise Bad("export_short", size=self.size, other=claim.label)
        claimed = sorted((claim.size, claim.root, claim.label, 0, "") for claim in self.claims)
        points = merge(self._checkpoints(), claimed, self._heads() if self.with_rows else (), key=lambda point: point[0])
        stamps = self._read_stamps()
        self._walk(points)
        subjects, held = len(self.chains), self._claimed()
        waiting = self._kept() if self.with_rows else 0
        self._empty("disagreements.jsonl")
        self.trusted.check_time(self.signed)
        if self.stamps:
            raise Bad("export_stamp", size=min(self.stamps))
        told = [say("export", size=self.size, origin=self.origin, subjects=subjects, checkpoints=self.checkpoints, at=when(self.signed))]
        told += [say("export_retired", count=len(self.retired))] if self.retired else []
        told += [say("rows", waiting=waiting)] if self.with_rows else []
        told += [say("stamps", count=stamps)] if stamps else []
        if self.own_keys:
            raise Bad("no_key", key=self.own_keys)
        return [*told, *held, say("not_proved")]

    def _claimed(self) -> list[str]:
        told = [say("held", other=claim.label) for claim in self.claims]
        for claim in self.loose:
            there = [self.found.get(digest, -1) for _, digest in claim.leaves]
            if claim.origin != self.origin:
                if min(there) < 0:
                    raise Bad("other_shard", origin=self.origin, other=claim.label, theirs=claim.origin)
                told.append(say("held_shard", other=claim.label, theirs=claim.origin, origin=self.origin))
            elif there[0] >= 0:
                told.append(say("held_promise", other=claim.label, index=there[0]))
            elif self.signed >= claim.by:
                raise Bad("export_unkept", other=claim.label, by=when(claim.by))
            else:
                told.append(say("too_early", other=claim.label))
        return told

    def _manifest(self) -> tuple[str, int, int]:
        name = "candour-export.json"
        with self._open(name) as file:
            text = file.read(CHUNK).decode(errors="surrogateescape")
        try:
            manifest = from_json(text.removesuffix("\n"))
            form, origin, size, made, keys, each = members(manifest, "candour", "origin", "size", "made_at", "keys", "leaves_per_file")
            need(form in ("export/v1", "export/v2") and isinstance(origin, str) and isinstance(keys, list), "")
            self.with_rows = form == "export/v2"
            need(type(size) is int and size >= 0 and type(each) is int and each >= 1, "")
            micros(made)
            keys = [parse_key(key) for key in keys]
        except (ValueError, Bad) as error:
            raise Bad("export_file", file=name, why=" is misspelt") from error
        if not self.trusted.keys:  # checked with its own keys, to be refused at the end
            self.own_keys = " and ".join(str(key) for key in keys if key.kind == NOTE) or "none"
            self.trusted = replace(self.trusted, keys=keys)
        self.trusted.check_logs(origin, keys)
        return origin, size, each

    def _open(self, name: str) -> Any:
        try:
            return (self.home / name).open("rb")
        except OSError as error:
            raise Bad("export_file", file=name, why=" is missing or may not be read") from error

    def _empty(self, name: str) -> None:
        with self._open(name) as file:
            first = file.readline(4_000)
        if first:
            raise Bad("export_disagrees", row=first.decode(errors="replace"))

    def _rows(self, name: str) -> Iterator[Any]:
        """The objects of a file of JSON lines."""
        with self._open(name) as file:
            for number, line in enumerate(iter(lambda: file.readline(CHUNK), b""), 1):
                try:
                    yield from_json(line[:-1].decode())
                    need(line.endswith(b"\n"), "")
                except (ValueError, Bad) as error:
                    raise Bad("export_file", file=name, why=f", line {number}, is misspelt") from error

    def _checkpoints(self) -> Iterator[Mark]:
        """Each checkpoint, smallest first, its signatures checked."""
        before = -1
        for row_ in self._rows("checkpoints.jsonl"):
            note, *kept = members(row_, "note", *(("size", "root", "signed_at") if self.with_rows else ()))
            checkpoint = parse_checkpoint(note)
            if checkpoint.origin != self.origin or checkpoint.size < before:
                raise Bad(
                    "export_file",
                    file="checkpoints.jsonl",
                    why=f": the checkpoint of {checkpoint.size} facts is of another record or out of order",
                )
            signed = self._signed(checkpoint)
            if kept and kept != [checkpoint.size, checkpoint.root.hex(), signed // 1_000_000]:
                self._later(Bad("export_kept", name=self.origin, size=checkpoint.size))
            if signed > self.trusted.now + CLOCKS:
                raise Bad("future_signed", at=when(signed))
            if sha256(checkpoint.text.encode()).digest() in self.stamps.get(checkpoint.size, b""):
                del self.stamps[checkpoint.size]
            before, self.checkpoints, self.signed = checkpoint.size, self.checkpoints + 1, max(self.signed, signed)
            yield checkpoint.size, checkpoint.root, f"the checkpoint of {checkpoint.size:,} facts", signed, ""
        if before != self.size:
            raise Bad("export_unsigned", size=self.size, signed=max(before, 0))
        if self.retired and checkpoint is self.retired[-1]:
            by = {line[:2] for line in checkpoint.lines}
            self.trusted.check_logs(self.origin, [key for key in self.trusted.retired if (key.name, key.key_id) in by])

    def _signed(self, checkpoint: Checkpoint) -> int:
        """When it was signed. A key that was retired since may have signed any checkpoint but the last, whose tree holds every other's."""
        try:
            return check_signed(self.trusted, checkpoint)
        except Bad:
            if not self.trusted.retired:
                raise
            signed = check_signed(replace(self.trusted, keys=[*self.trusted.retired]), checkpoint)
            self.retired.append(checkpoint)
            return signed

    def _heads(self) -> Iterator[Mark]:
        """The tree heads that the portal kept for itself, which nobody signed."""
        before = 0
        for row_ in self._rows("heads.jsonl"):
            size, root, frontier = members(row_, "size", "root", "frontier")
            good = type(size) is int and size >= before and isinstance(frontier, str) and frontier
            if not good or not isinstance(root, str) or not re.fullmatch("[0-9a-f]{64}", root):
                raise Bad("export_file", file="heads.jsonl", why=" is misspelt or out of order")
            before = size
            yield size, bytes.fromhex(root), "", 0, frontier
        if before != self.size:
            self._later(Bad("export_head", size=before))

    def _walk(self, points: Iterator[Mark]) -> None:
        """Every leaf in order, halting at each size that somebody signed, claims or kept."""
        point = self._settle(points, next(points, None))
        leaves, rows = Lines(self._files("leaves", "jsonl")), Lines(self._files("rows", "tsv")) if self.with_rows else None
        while leaves.more():
            digests, check = (rows and self._alike(leaves, rows)) or self._one_by_one(leaves, rows)
            start = 0
            while start < len(digests):
                stop = len(digests) if point is None else min(len(digests), start + point[0] - self.tree.size)
                check(start, stop)
                self._count(digests[start:stop])
                start = stop
                point = self._settle(points, point)
        if self.tree.size != self.size or point is not None or (rows and rows.more()):
            raise Bad("export_file", file="leaves", why=f" hold {self.tree.size:,} facts, not {self.size:,}")

    def _alike(self, leaves: Lines, rows: Lines) -> Batch | None:
        """Hundreds of facts at once: the leaves that the next rows make are the text of the leaves' file, and have the rows' hashes.

        None, with nothing taken, where that is not so: one by one they show which differs, or is only spelt as few are.
        """
        found = columns(rows.text, self.tree.size) if rows.text or rows.fill() else None
        followed = found and self._follows(found)
        if not found or not followed:
            return None
        actors, times, facts, keys, kinds, sealed, seqs, subjects, own, _ = found
        before, ends = followed
        made = list(map(SECOND.__mod__, zip(actors, times, facts, keys, kinds, before, sealed, seqs, subjects)))
        text, digests = b"\n".join([*made, b""]), leaf_hashes(made)
        if not leaves.begins(text) or hexlify(b"".join(digests), b"\t", 32) != b"\t".join(own):
            return None
        leaves.skip(len(made), len(text))
        rows.skip(len(made), len(rows.text))
        self.chains.update(ends)
        return digests, partial(self._dated, made, times)

    def _follows(self, found: Sequence[Sequence[bytes]]) -> tuple[list[bytes], dict[bytes, End]] | None:
        """For rows that follow from those before them about the same subjects: the hash before each, and the ends of chains after them."""
        chains, ends, hashes = self.chains, dict[bytes, End](), list[bytes]()
        for seq, subject, own, time in zip(found[6], found[7], found[8], found[1]):
            number, prev, before = ends.get(subject) or chains.get(subject, FIRST)
            if seq != b"%d" % (number + 1) or time < before:
                return None
            hashes.append(prev)
            ends[subject] = number + 1, own, time
        return hashes, ends

    def _dated(self, made: Sequence[bytes], times: Sequence[bytes], start: int, stop: int) -> None:
        """None of these was written long before a checkpoint that does not hold it."""
        if min(times[start:stop]) < self.floor:
            place = next(place for place in range(start, stop) if times[place] < self.floor)
            index = self.tree.size + place - start
            at, prev, seq, _ = self._slowly(made[place], index)
            self._complain(made[place], index, (int(seq) - 1, prev, at), int(seq), prev, at)

    def _one_by_one(self, leaves: Lines, rows: Lines | None) -> Batch:
        """The leaves read, and as many rows, for each to be looked at alone."""
        leaves.fill()
        lines = leaves.take()
        digests = leaf_hashes(lines)
        if rows is None:
            return digests, partial(self._follow, lines, digests)
        own = rows.take(len(lines))
        if len(own) != len(lines):
            raise Bad("export_file", file="rows", why=" are fewer than the leaves")
        return digests, partial(self._agree, lines, digests, own)

    def _settle(self, points: Iterator[Mark], point: Any) -> Any:
        """Hold the tree against each point of its size; return the first that lies further on."""
        while point is not None and point[0] == self.tree.size:
            size, root, label, signed, frontier = point
            if self.tree.root() != root and label:
                raise self._spoilt("export_root", size=size, other=label, since=self.agreed, last=max(size - 1, 0))
            if label:
                self.agreed = size
            elif (root, frontier) != (self.tree.root(), self.tree.frontier()):
                self._later(Bad("export_head", size=size))
            if signed:
                floor = iso(max(signed - BACKDATED, 0))
                self.floor = max(self.floor, floor)
            point = next(points, None)
        return point

    def _files(self, folder: str, ending: str) -> Iterator[tuple[str, Any, int | None]]:
        """The files of leaves, or of rows, and how many lines each should have."""
        files, home = -(-self.size // self.each), self.home / folder
        names = sorted(os.listdir(home)) if home.is_dir() else []
        if len(names) != files or names != [f"{number:06}.{ending}" for number in range(files)]:  # a claim of 2⁵³ files is not counted out
            raise Bad("export_file", file=folder, why=f" should be {files:,} files and are {len(names):,}")
        for number, name in enumerate(names):
            with self._open(f"{folder}/{name}") as file:
                yield f"{folder}/{name}", file, min(self.each, self.size - number * self.each)

    def _follow(self, lines: Sequence[bytes], digests: Sequence[bytes], start: int, stop: int) -> None:
        """Hold leaves against their subjects' chains, and add them to the tree. The middle of a leaf is bound by its hash alone."""
        chains, floor, head, tail, to_hex = self.chains, self.floor, HEAD, TAIL, hexlify
        for place, line in enumerate(lines[start:stop]):
            begins, ends = head(line), tail(line, line.rfind(b',"prev":"') & MOST_NUMBER)  # -1, for none, becomes a place beyond the end
            if begins is None or ends is None:
                at, prev, seq, subject = self._slowly(line, self.tree.size + place)
            else:
                at, (prev, seq, subject) = begins[1], ends.groups()
            before = chains.get(subject, FIRST)
            number = int(seq)
            if number != before[0] + 1 or prev != before[1] or at < before[2] or at < floor:
                self._complain(line, self.tree.size + place, before, number, prev, at)
            chains[subject] = number, to_hex(digests[start + place]), at

    def _agree(self, lines: Sequence[bytes], digests: Sequence[bytes], rows: Sequence[bytes], start: int, stop: int) -> None:
        """As `_follow`, by the rows: the leaf that a row's columns make is the leaf, and its hash and place are the row's."""
        chains, floor, match = self.chains, self.floor, ROW
        for index, (line, digest, row_) in enumerate(
            zip(lines[start:stop], map(hexlify, digests[start:stop]), rows[start:stop]), self.tree.size
        ):
            found = match(row_)
            if found is None:
                self._differ(line, digest, row_, index)
                continue
            actor, at, facts, key, kind, sealed, seq, subject, own, place = found.groups()
            number, prev, before = chains.get(subject, FIRST)
            if (
                SECOND % (actor, at, facts, key, kind, prev, sealed, seq, subject) != line
                or own != digest or place != b"%d" % index or seq != b"%d" % (number + 1) or at < before or at < floor
            ):  # fmt: skip
                self._differ(line, digest, row_, index)
            else:
                chains[subject] = number + 1, digest, at

    def _differ(self, line: bytes, digest: bytes, row_: bytes, index: int) -> None:
        """A row that is not spelt as most are: hold its leaf against the chain first, then each column against the leaf."""
        at, prev, seq, subject = self._slowly(line, index)
        leaf, before, number = json.loads(line), self.chains.get(subject, FIRST), int(seq)
        if number != before[0] + 1 or prev != before[1] or at < before[2] or at < self.floor:
            self._complain(line, index, before, number, prev, at)
        own = row_.split(b"\t")
        wanted = [canonical(leaf[name]) if name in ("facts", "sealed") else str(leaf.get(name, "")) for name in COLUMNS]
        spelt = [*(text.encode() for text in wanted), digest, b"%d" % index]
        if "id" not in leaf and len(own) == len(spelt):  # a fact of version 1 does not bind its row's id
            spelt[3] = own[3]
        if own != spelt:
            names = [*COLUMNS, "hash", "place"]
            name = next((name for name, one, two in zip(names, own, spelt) if one != two), "number of columns")
            self._later(Bad("export_row", fact=naming(index, line), column=name))
        self.chains[subject] = number, digest, at

    def _count(self, digests: Sequence[bytes]) -> None:
        """Add leaves to the tree, and see whether they are those that papers prove."""
        for digest in self.sought.intersection(digests) if self.sought else ():
            self.found[digest] = self.tree.size + digests.index(digest)
        while self.places and self.places[-1][0] < self.tree.size + len(digests):
            index, digest, label = self.places.pop()
            if digests[index - self.tree.size] != digest:
                raise Bad("export_fact", index=index, other=label)
        self.tree.extend(digests)

    def _slowly(self, line: bytes, index: int) -> tuple[bytes, bytes, bytes, bytes]:
        try:
            leaf = parse_leaf(line.decode())
        except (ValueError, Bad) as error:
            raise Bad("export_leaf", fact=naming(index, line)) from error
        return leaf["at"].encode(), leaf["prev"].encode(), str(leaf["seq"]).encode(), leaf["subject"].encode()

    def _complain(self, line: bytes, index: int, before: End, seq: int, prev: bytes, at: bytes) -> None:
        fact, time = naming(index, line), at.decode()
        if seq != before[0] + 1:
            raise self._spoilt("export_seq", fact=fact, seq=seq, expected=before[0] + 1)
        if prev != before[1]:
            raise self._spoilt("export_link", fact=fact)
        raise self._spoilt("export_order" if at < before[2] else "backdated", fact=fact, at=time)

    def _kept(self) -> int:
        """What the portal keeps beside its facts, after all that is signed: rows that differ, facts that wait for a place, ends of chains,
        cosignatures. Returns how many wait."""
        if self.other is not None:
            raise self.other
        waiting = sum(1 for line in self._tabbed("waiting.tsv") if self._waits(line))
        ends = 0
        for line in self._tabbed("chains.tsv"):
            ends += 1
            subject, _, end = line.partition(b"\t")
            kept = self.chains.get(subject)
            if kept is None or end != b"%d\t%b\t%b" % kept:
                raise Bad("export_chain", subject=subject.decode(errors="replace"))
        if ends != len(self.chains):
            there = {line.split(b"\t")[0] for line in self._tabbed("chains.tsv")}
            raise Bad("export_chain", subject=min(self.chains.keys() - there, default=b"?").decode(errors="replace"))
        for row_ in self._rows("cosignatures.jsonl"):
            self._cosigned(*members(row_, "size", "witness", "line", "at"))
        return waiting

    def _later(self, found: Bad) -> None:
        """Of rows that disagree, the first is raised when all that was signed has been held against the leaves."""
        self.other = self.other or found

    def _spoilt(self, code: str, **words: Any) -> Bad:
        """What is wrong with the leaves, and the first row that disagrees: often that fact was changed, and others follow from it."""
        found = Bad(code, **words)
        if self.other is not None:
            found.sentence += f" {self.other.sentence}"
        return found

    def _waits(self, line: bytes) -> bool:
        """A fact without a place follows from those with one as if it came next. Raises Bad."""
        *own, leaf = line.split(b"\t")
        found = ROW(b"\t".join(own))
        if found is None:
            raise Bad("export_waiting", fact=naming(self.size, leaf))
        actor, at, facts, key, kind, sealed, seq, subject, digest, place = found.groups()
        number, prev, before = self.chains.get(subject, FIRST)
        fits = SECOND % (actor, at, facts, key, kind, prev, sealed, seq, subject) == leaf and seq == b"%d" % (number + 1)
        if not fits or digest != hexlify(leaf_hash(leaf)) or place != b"\\N" or at < before or at < self.floor:
            raise Bad("export_waiting", fact=naming(self.size, leaf))
        self.chains[subject] = number + 1, digest, at
        return True

    def _cosigned(self, size: Any, witness: Any, line: Any, at: Any) -> None:
        """A cosignature's row says what its line says; whether that is good is for a policy to say."""
        try:
            (parsed,) = parse_note(f"x\n\n{line}")[1]
            good = type(size) is int and parsed[0] == witness and int.from_bytes(parsed[2][:8], "big") == at
        except Bad:
            good = False
        if not good:
            raise Bad("export_kept", name=witness, size=size if type(size) is int else 0)

    def _tabbed(self, name: str) -> Iterator[bytes]:
        with self._open(name) as file:
            lines = Lines(iter([(name, file, None)]))
            while lines.fill():
                yield from lines.take()

    def _read_stamps(self) -> int:
        """How many time stamps there are; each has to name the digest of a checkpoint's text."""
        for stamp in self._rows("stamps.jsonl"):
            size, token = members(stamp, "size", "token")
            need(type(size) is int and size not in self.stamps, "a stamp’s size is no number, or is there twice")
            self.stamps[size] = from_64(token)
        return len(self.stamps)


FIRST = (0, NOTHING.encode(), b"")


def iso(time: int) -> bytes:
    """Microseconds since 1970 as facts spell them."""
    return f"{EPOCH + timedelta(microseconds=time):%Y-%m-%dT%H:%M:%S.%fZ}".encode()


def naming(index: int, line: bytes) -> str:
    """A fact for people to find: its index, kind and subject."""
    try:
        leaf = json.loads(line.decode(), parse_int=whole_number)
        return f"Fact {index:,} ({shown(leaf['kind'])} about {shown(leaf['subject'])}, number {shown(leaf['seq'])})"
    except (ValueError, LookupError, TypeError, RecursionError):
        return f"Fact {index:,} ({shown(line[:80].decode(errors='replace'))})"


def check_export(home: Path, trusted: Trust, receipts: Iterable[tuple[str, bytes]]) -> list[str]:
    claims, told = list[Claim](), list[str]()
    for name, data in receipts:
        try:
            claim, _ = check_paper(data, trusted, export=True)
        except Bad as error:
            error.sentence = f"{shown(name)}: {error.sentence}"
            raise
        claim.label = name
        claims.append(claim)
    if trusted.checkpoint is not None:
        own = trusted.checkpoint
        claims.append(Claim("the checkpoint you gave", own.origin, own.size, own.root, []))
    return [*told, *Export(home, trusted, claims).check()]


def verify_export(
    path: str | Path,
    *,
    keys: Iterable[str],
    receipts: Iterable[bytes] = (),
    now: datetime | None = None,
    checkpoint: str | None = None,
    policy: bytes | None = None,
) -> Verdict:
    """Check an export in the directory `path`, and receipts and statements against it. Raises Unreadable."""
    if not is_export(Path(path)):
        raise Unreadable("unknown")
    try:
        held = [(f"receipt {number}", data) for number, data in enumerate(receipts, 1)]
        return Verdict(True, "good", check_export(Path(path), trust(keys, now, policy, checkpoint), held))
    except Unreadable:
        raise
    except Bad as error:
        return Verdict(False, error.code, [error.sentence])
    except (ValueError, OverflowError, OSError) as error:
        return Verdict(False, "export_file", [say("export_file", file=str(path), why=f" cannot be read: {error}")])


def is_export(path: Path) -> bool:
    return (path / "candour-export.json").is_file()


# --- The command ---------------------------------------------------------------------------------------------------------------------


def read(name: str, most: int = MOST_BYTES) -> bytes:
    """Raises Unreadable."""
    try:
        with open(name, "rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:
        raise Unreadable("missing", name=name) from error
    if len(data) > most:
        raise Unreadable("large")
    return data


def read_keys(given: Sequence[str]) -> tuple[list[str], list[Key]]:
    """Each is a vkey or the name of a file with one on each line. Returns vkeys, and keys that a file lists as retired."""
    found, retired = list[str](), list[Key]()
    for one in given:
        try:
            found.append(str(parse_key(one)))
        except Bad:
            lines = read(one, CHUNK).decode(errors="replace").splitlines()
            found += [str(a_key(line.strip())) for line in lines if line.strip() and not line.startswith("#")]
            retired += [a_key(line[len(RETIRED) :].strip()) for line in lines if line.startswith(RETIRED)]
            if not found:
                raise Unreadable("bad_key", name=one) from None
    return found, retired


def read_time(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc) if text else None
    except (ValueError, OverflowError) as error:
        raise Unreadable("bad_time", name=text) from error


def run(options: argparse.Namespace) -> Verdict:
    (keys, retired), now = read_keys(options.key), read_time(options.now)
    policy = read(options.policy) if options.policy else None
    checkpoint = read(options.checkpoint).decode(errors="replace") if options.checkpoint else None
    try:
        path = Path(options.file)
        whole = path.is_dir()
    except (OSError, ValueError) as error:
        raise Unreadable("missing", name=options.file) from error
    if whole and not is_export(path):
        raise Unreadable("unknown")
    trusted = trust(keys, now, policy, checkpoint, options.max_age, retired)
    if whole:
        return Verdict(True, "good", check_export(path, trusted, [(name, read(name)) for name in options.receipt]))
    data = read(options.file)
    told = check_paper(data, trusted, export=bool(options.export))[1]
    if options.export:
        if not is_export(Path(options.export)):
            raise Unreadable("missing", name=options.export)
        told += check_export(Path(options.export), trusted, [(options.file, data)])[:-1]
    return Verdict(True, "good", told)


def days(text: str) -> int:
    if not re.fullmatch("[0-9]{1,6}", text):
        raise argparse.ArgumentTypeError("a whole number of days")
    return int(text)


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0], epilog="Ends with 0 (good), 1 (bad) or 2 (unreadable).")
    found.add_argument("file", metavar="FILE_OR_DIR", help="a receipt or a statement, the PDF of one, or the directory of an export")
    found.add_argument(
        "--key", action="append", default=[], metavar="VKEY_OR_FILE", help="a key you trust, or a file of them (/record/keys)"
    )
    found.add_argument("--policy", metavar="FILE", help="which witnesses count (c2sp.org/tlog-policy)")
    found.add_argument("--checkpoint", metavar="FILE", help="a signed checkpoint to hold it against")
    found.add_argument("--export", metavar="DIR", help="an export to hold a receipt or statement against")
    found.add_argument("--receipt", action="append", default=[], metavar="FILE", help="a receipt to hold an export against")
    found.add_argument("--max-age", type=days, metavar="DAYS", help="refuse what was signed longer ago")
    found.add_argument("--now", metavar="TIME", help="check as of this time instead of now, such as 2026-11-23T14:02:07Z")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    options = parser().parse_args(arguments)
    try:
        verdict = run(options)
    except Unreadable as error:
        print(f"UNREADABLE. {error.sentence}")
        return 2
    except Bad as error:
        verdict = Verdict(False, error.code, [error.sentence])
    except (OSError, ValueError, OverflowError, MemoryError, RecursionError) as error:
        print(f"UNREADABLE. {shown(error)}")
        return 2
    print("GOOD." if verdict.good else "BAD.", *verdict.sentences, sep="\n")
    return 0 if verdict.good else 1


def alone() -> int:
    """`main`, also where whoever reads what it says stops reading."""
    try:
        code = main()
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return code


if __name__ == "__main__":
    sys.exit(alone())
