"""Signed notes and their keys (c2sp.org/signed-note@v1.0.0), with the timed cosignatures of c2sp.org/tlog-cosignature@v1.0.0.

Everything is parsed strictly: what was read, written again, is what was read.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

NOTE, COSIGNATURE = 0x01, 0x04  # the signature types of signed-note that the portal writes
KEY_BYTES, SIGNATURE_BYTES, ID_BYTES, TIME_BYTES = 32, 64, 4, 8
MOST_SIGNATURES, MOST_BYTES = 64, 65_536
# Control characters and Unicode's White_Space (signed-note, "Format"). `str.isspace` and `\s` know a few characters more or fewer.
SPACE = re.compile(r"[\x00-\x20\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")


class BadNote(ValueError):
    """Text that is not a signed note, a key that is not a vkey, or a signature that is not good; the text says which."""


@dataclass(frozen=True, slots=True)
class Key:
    """A public key with the name and signature type it signs as."""

    name: str
    kind: int
    public: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:ID_BYTES]

    def __str__(self) -> str:
        """The vkey: `<name>+<hex key ID>+<base64 of type and key>`."""
        return f"{self.name}+{self.key_id.hex()}+{encode64(bytes([self.kind]) + self.public)}"


@dataclass(frozen=True, slots=True)
class Line:
    """One signature line. `key_id` and `signature` as bytes; whether it is good is `check_line`'s to say."""

    name: str
    key_id: bytes
    signature: bytes

    def __str__(self) -> str:
        return f"— {self.name} {encode64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A signed note: its text, which ends in a newline, and its signature lines."""

    text: str
    lines: tuple[Line, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.lines))

    def by(self, key: Key) -> list[Line]:
        return [line for line in self.lines if (line.name, line.key_id) == (key.name, key.key_id)]


def encode64(value: bytes) -> str:
    return base64.b64encode(value).decode()


def decode64(text: str) -> bytes:
    """Raises BadNote for any spelling but the canonical one."""
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadNote("something is not base64") from error
    if encode64(value) != text:
        raise BadNote("something is not canonical base64")
    return value


def check_name(name: str) -> str:
    """A key's name. Raises BadNote for an empty one and for Unicode spaces, plus signs and control characters."""
    if not name or "+" in name or SPACE.search(name):
        raise BadNote("a key's name holds neither spaces nor plus signs")
    return name


def parse_key(vkey: str) -> Key:
    """A vkey. Raises BadNote."""
    name, _, rest = vkey.partition("+")
    hex_id, _, encoded = rest.partition("+")
    material = decode64(encoded)
    if len(material) != KEY_BYTES + 1 or material[0] not in (NOTE, COSIGNATURE):
        raise BadNote("the key is not an Ed25519 key for notes or cosignatures")
    key = Key(check_name(name), material[0], material[1:])
    if key.key_id.hex() != hex_id:
        raise BadNote(f"the key of {name} does not have the ID it says")
    return key


def parse_note(text: str) -> Note:
    """Raises BadNote."""
    if len(text) > MOST_BYTES or any(ord(letter) < 0x20 and letter != "\n" for letter in text):
        raise BadNote("a note is at most 64 KB of text without control characters")
    body, divider, signatures = text.rpartition("\n\n")
    if not divider or not signatures.endswith("\n"):
        raise BadNote("a note has text, an empty line, and signatures")
    lines = parse_lines(signatures)
    note = Note(body + "\n", tuple(lines))
    if str(note) != text:
        raise BadNote("the note is not spelled as notes are")
    return note


def parse_lines(text: str) -> list[Line]:
    """Signature lines, each ending in a newline. Raises BadNote."""
    rows = text.split("\n")
    if rows.pop() or not 1 <= len(rows) <= MOST_SIGNATURES:
        raise BadNote("a note has between 1 and 64 signatures, each on a line")
    return [_line(row) for row in rows]


def _line(row: str) -> Line:
    dash, _, rest = row.partition(" ")
    name, _, encoded = rest.partition(" ")
    value = decode64(encoded)
    if dash != "—" or len(value) <= ID_BYTES:
        raise BadNote("a signature line is a dash, a name, and a key ID with its signature")
    return Line(check_name(name), value[:ID_BYTES], value[ID_BYTES:])


def sign(text: str, *, name: str, private: Ed25519PrivateKey) -> Line:
    """A signature of type 0x01 over `text`, which ends in a newline."""
    return Line(name, public_key(name, NOTE, private).key_id, private.sign(text.encode()))


def cosign(text: str, *, name: str, private: Ed25519PrivateKey, at: int) -> Line:
    """A cosignature of type 0x04 over a checkpoint's text. `at`: whole seconds since 1970, UTC."""
    signature = private.sign(_timed(text, at))
    return Line(name, public_key(name, COSIGNATURE, private).key_id, at.to_bytes(TIME_BYTES) + signature)


def public_key(name: str, kind: int, private: Ed25519PrivateKey) -> Key:
    return Key(check_name(name), kind, private.public_key().public_bytes_raw())


def check_line(text: str, line: Line, key: Key) -> int | None:
    """The time a cosignature says, in seconds since 1970; None for other signatures. Raises BadNote unless it is `key`'s over `text`."""
    at, signed, signature = None, text.encode(), line.signature
    if key.kind == COSIGNATURE:
        at = int.from_bytes(signature[:TIME_BYTES])
        signed, signature = _timed(text, at), signature[TIME_BYTES:]
    try:
        if (line.name, line.key_id) != (key.name, key.key_id) or len(signature) != SIGNATURE_BYTES:
            raise BadNote(f"a signature is not by {key.name}")
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, signed)
    except (InvalidSignature, ValueError) as error:
        raise BadNote(f"the signature of {key.name} is not good") from error
    return at


def signed_by(note: Note, keys: Iterable[Key]) -> dict[Key, int | None]:
    """The keys among `keys` that signed the note, each with the latest time it says. Raises BadNote where one's signature is not good."""
    found: dict[Key, int | None] = {}
    for key in keys:
        times = [check_line(note.text, line, key) for line in note.by(key)]
        if times:
            found[key] = max((at for at in times if at is not None), default=None)
    return found


def with_lines(note: Note, lines: Sequence[Line]) -> Note:
    """The note with more signatures; a line of a key that signed already takes the old one's place."""
    fresh = {(line.name, line.key_id): line for line in (*note.lines, *lines)}
    return Note(note.text, tuple(fresh.values()))


def _timed(text: str, at: int) -> bytes:
    return f"cosignature/v1\ntime {at}\n{text}".encode()
