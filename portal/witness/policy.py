"""Which witnesses count: a policy file (c2sp.org/tlog-policy, the editor's copy of 2026), parsed strictly and asked about checkpoints.

Names and addresses are opaque octets; here they are text in which octets that are not UTF-8 are surrogates, so that two names are the same
where their octets are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from portal.record.notes import COSIGNATURE, BadNote, Key, Note, parse_key, signed_by

NOBODY = "none"
MOST_BYTES = 1 << 20
BARRED = re.compile(rb"[^\x09\x0a\x20-\x7e\x80-\xff]")
SPACE = re.compile(rb"[ \t]+")


class BadPolicy(ValueError):
    """The policy file is not one; the text says which line and why."""


class NotAccepted(Exception):
    """The policy does not accept a checkpoint; the text says why."""


@dataclass(frozen=True, slots=True)
class Log:
    """A log whose checkpoints are accepted."""

    key: Key
    url: str = ""


@dataclass(frozen=True, slots=True)
class Listed:
    """A witness by the name it has in the policy. Without a URL it counts, but cannot be asked."""

    name: str
    key: Key
    url: str = ""


@dataclass(frozen=True, slots=True)
class Group:
    """At least `least` of `members`, which are names of witnesses and groups, have to have seen a checkpoint."""

    name: str
    least: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """What a policy file says. `quorum`: the name of a witness or group, or `none`."""

    logs: tuple[Log, ...] = ()
    witnesses: dict[str, Listed] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str = NOBODY

    def satisfied(self, cosigned: Collection[str]) -> bool:
        """Whether the witnesses of these names are enough."""
        seen = {NOBODY, *(name for name in self.witnesses if name in cosigned)}
        for group in self.groups.values():  # every member stands above its group
            if sum(member in seen for member in group.members) >= group.least:
                seen.add(group.name)
        return self.quorum in seen

    def cosigned(self, note: Note) -> dict[str, int]:
        """The witnesses that cosigned, by name, with the time each says (seconds since 1970). Raises BadNote for a bad signature."""
        times = signed_by(note, [witness.key for witness in self.witnesses.values()])
        found = {witness.name: times.get(witness.key) for witness in self.witnesses.values()}
        return {name: at for name, at in found.items() if at is not None}

    def accept(self, note: Note, *, logs: Iterable[Key] = ()) -> dict[str, int]:
        """The witnesses that cosigned a checkpoint the policy accepts. `logs`: keys known otherwise, beside those listed.

        Raises NotAccepted, also for a signature of a known key that is not good.
        """
        trusted = [key for key in (*(log.key for log in self.logs), *logs) if key.name == note.text.partition("\n")[0]]
        try:
            if not signed_by(note, trusted):
                raise NotAccepted("no log that the policy lists signed this checkpoint")
            cosigned = self.cosigned(note)
        except BadNote as error:
            raise NotAccepted(str(error)) from error
        if not self.satisfied(cosigned):
            raise NotAccepted(f"{len(cosigned)} of {len(self.witnesses)} witnesses cosigned, which is not the quorum “{self.quorum}”")
        return cosigned


def read_policy(path: Path) -> Policy:
    """Raises BadPolicy, and OSError for a file that may not be read."""
    return parse_policy(path.read_bytes())


def parse_policy(text: bytes) -> Policy:
    """Raises BadPolicy with the number of the line, from 1, that is at fault."""
    if len(text) > MOST_BYTES:
        raise BadPolicy("a policy is at most 1 MB")
    reader = _Reader()
    rows = text.split(b"\n")
    for number, row in enumerate(rows, 1):
        try:
            if barred := BARRED.search(row):
                raise BadPolicy(f"the octet 0x{barred[0].hex().upper()} has no place in a policy")
            if number == len(rows):
                if row:
                    raise BadPolicy("the last line does not end in a newline")
                break
            reader.read(row.strip(b" \t"))
        except BadPolicy as error:
            raise BadPolicy(f"line {number}: {error}") from error
    return reader.policy()


class _Reader:
    """Reads one line after the other."""

    def __init__(self) -> None:
        self.logs: dict[bytes, Log] = {}
        self.witnesses: dict[str, Listed] = {}
        self.groups: dict[str, Group] = {}
        self.quorum = ""
        self._keys: set[bytes] = set()
        self._members: set[str] = set()
        self._readers: dict[str, Callable[[list[str]], None]] = {
            "log": self._log,
            "witness": self._witness,
            "group": self._group,
            "quorum": self._quorum,
        }

    def policy(self) -> Policy:
        if not self.quorum:
            raise BadPolicy("there is no quorum line: write “quorum none” where no witness is needed")
        return Policy(tuple(self.logs.values()), self.witnesses, self.groups, self.quorum)

    def read(self, row: bytes) -> None:
        if not row or row.startswith(b"#"):
            return
        word, *items = [item.decode(errors="surrogateescape") for item in SPACE.split(row)]
        if word not in self._readers:
            raise BadPolicy("a line begins with log, witness, group or quorum")
        self._readers[word](items)

    def _log(self, items: list[str]) -> None:
        if len(items) not in (1, 2):
            raise BadPolicy("a log is “log <vkey> [<url>]”")
        log = Log(_key(items[0]), *items[1:])
        if log.key.public in self.logs:
            raise BadPolicy("a log with this key stands above already")
        self.logs[log.key.public] = log

    def _witness(self, items: list[str]) -> None:
        if len(items) not in (2, 3):
            raise BadPolicy("a witness is “witness <name> <vkey> [<url>]”")
        witness = Listed(self._fresh(items[0]), _key(items[1]), *items[2:])
        if witness.key.kind != COSIGNATURE:
            raise BadPolicy("the key of a witness is for cosignatures, type 0x04")
        if witness.key.public in self._keys:
            raise BadPolicy("a witness with this key stands above already")
        self._keys.add(witness.key.public)
        self.witnesses[witness.name] = witness

    def _group(self, items: list[str]) -> None:
        if len(items) < 3:
            raise BadPolicy("a group is “group <name> all|any|<number> <name>…”, with at least one member")
        name, least, *members = items
        self._fresh(name)
        for member in members:
            if not self._defined(member):
                raise BadPolicy(f"{_shown(member)} is no witness or group of a line above")
            if member in self._members:
                raise BadPolicy(f"{_shown(member)} is a member already, and may be one only once")
            self._members.add(member)
        self.groups[name] = Group(name, _least(least, len(members)), tuple(members))

    def _quorum(self, items: list[str]) -> None:
        if self.quorum:
            raise BadPolicy("there is a quorum above already")
        if len(items) != 1 or not (items[0] == NOBODY or self._defined(items[0])):
            raise BadPolicy("a quorum is “quorum <name>”, the name being none, or a witness or group of a line above")
        self.quorum = items[0]

    def _defined(self, name: str) -> bool:
        return name in self.witnesses or name in self.groups

    def _fresh(self, name: str) -> str:
        if name == NOBODY or self._defined(name):
            raise BadPolicy(f"the name {_shown(name)} is taken")
        return name


def _key(vkey: str) -> Key:
    try:
        return parse_key(vkey)
    except (BadNote, UnicodeEncodeError) as error:
        raise BadPolicy(str(error) if isinstance(error, BadNote) else "a vkey is UTF-8") from error


def _least(word: str, members: int) -> int:
    if word in ("all", "any"):
        return members if word == "all" else 1
    least = int(word) if re.fullmatch(r"[1-9][0-9]{0,5}", word) else 0
    if not 1 <= least <= members:
        raise BadPolicy(f"all, any or a number from 1 to {members} says how many of the {members} members are needed")
    return least


def _shown(name: str) -> str:
    return "“" + name.encode(errors="surrogateescape").decode(errors="replace") + "”"
