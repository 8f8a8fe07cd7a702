"""An export as the portal writes it now, with rows beside its leaves, made of a small record without a database; and ways to spoil one."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Sequence
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from portal.record.canonical import canonical, iso
from portal.record.tree import Frontier
from portal.record.verifier.tests.sample_record import NOW, Record, after, seconds, story

FILES = ("leaves/000000.jsonl", "rows/000000.tsv", "leaves/000001.jsonl", "rows/000001.tsv", "chains.tsv", "waiting.tsv", "heads.jsonl")
ODD = ('report:"quoted"', "report:back\\slash", "report:é", "handset:0")


def mixed(chance: random.Random, many: int) -> Record:
    """The story, and then facts of every spelling: sealed or not, of both versions, about subjects that JSON escapes."""
    record = story()
    for number in range(many):
        sealed = {name: chance.randbytes(4) for name in ("message", "file-1", "sender")[: chance.choice([0, 0, 1, 1, 2, 3])]}
        subject = chance.choice(ODD) if chance.random() < 0.03 else f"report:{chance.randrange(many // 3 + 1)}"
        version = 1 if chance.random() < 0.02 else 2
        record.add("duty.told", subject, at=after(hours=47, seconds=number), facts={"text": 'a "b"\t'}, sealed=sealed, version=version)
    return record


def export(
    home: Path,
    record: Record,
    *,
    each: int = 1_000_000,
    sizes: Sequence[int] = (),
    rows: Sequence[str] = (),
    chains: Sequence[str] = (),
    at_once: bool = False,
) -> Path:
    """Write the record as an export of version 2, with a checkpoint and a tree head of each of `sizes` and of all.

    Each was signed when its last fact was written and the last now; or all of them now, with `at_once`.
    """
    points = [*sorted(sizes), len(record.leaves)]
    times = [NOW if at_once else datetime.fromisoformat(json.loads(record.leaves[size - 1])["at"]) for size in sorted(sizes)] + [NOW]
    notes = [record.checkpoint(size=size, at=at) for size, at in zip(points, times, strict=True)]
    record.export(home, checkpoints=notes, each=each)
    manifest = json.loads((home / "candour-export.json").read_text()) | {"candour": "export/v2"}
    (home / "candour-export.json").write_text(canonical(manifest) + "\n")
    (home / "rows").mkdir()
    rows = rows or [row(record, index) for index in range(len(record.leaves))]
    for number in range(0, len(rows), each):
        (home / "rows" / f"{number // each:06}.tsv").write_text("".join(rows[number : number + each]))
    roots = [record.root_of(0, size) for size in points]
    kept: list[dict[str, Any]] = [
        {"note": note, "root": root.hex(), "signed_at": seconds(at), "size": size}
        for note, root, size, at in zip(notes, roots, points, times, strict=True)
    ]
    (home / "checkpoints.jsonl").write_text("".join(canonical(one) + "\n" for one in kept))
    (home / "heads.jsonl").write_text("".join(head(record, size) for size in points))
    (home / "chains.tsv").write_text("".join(chains or ends(record)))
    for empty in ("waiting.tsv", "cosignatures.jsonl"):
        (home / empty).touch()
    return home


def row(record: Record, index: int) -> str:
    leaf = json.loads(record.leaves[index])
    cells = [leaf["actor"], leaf["at"], canonical(leaf["facts"]), leaf.get("id", index + 1001), leaf["kind"], canonical(leaf["sealed"])]
    return "\t".join(map(str, [*cells, leaf["seq"], leaf["subject"], record.hash(index).hex(), index])) + "\n"


def head(record: Record, size: int) -> str:
    tree = Frontier()
    tree.extend([record.hash(index) for index in range(size)])
    return canonical({"frontier": sha256(bytes(tree)).hexdigest(), "root": tree.root().hex(), "size": size}) + "\n"


def ends(record: Record) -> list[str]:
    last = {leaf["subject"]: (leaf["seq"], leaf["at"]) for leaf in map(json.loads, record.leaves)}
    return [f"{subject}\t{seq}\t{record.heads[subject][1]}\t{at}\n" for subject, (seq, at) in last.items()]


# --- Ways to spoil a file of an export: each is given chance and the file's lines, with their newlines, and changes them in place ------


def respell(chance: random.Random, lines: list[bytes]) -> None:
    """Other octets anywhere in a line, also tabs, newlines, quotation marks and NUL."""
    place = chance.randrange(len(lines))
    at, length = chance.randrange(len(lines[place])), chance.choice([0, 1, 1, 1, 3])
    piece = chance.choice([b"", b"\t", b"\n", b"\0", b'"', b"\\", b" ", b"0", b"1", b"f", b"\xff", b"{}", b'","', chance.randbytes(2)])
    lines[place] = lines[place][:at] + piece + lines[place][at + length :]


def flip(chance: random.Random, lines: list[bytes]) -> None:
    place = chance.randrange(len(lines))
    line = bytearray(lines[place])
    line[chance.randrange(len(line))] ^= 1 << chance.randrange(8)
    lines[place] = bytes(line)


def exchange(chance: random.Random, lines: list[bytes]) -> None:
    one, two = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[one], lines[two] = lines[two], lines[one]


def remove(chance: random.Random, lines: list[bytes]) -> None:
    del lines[chance.randrange(len(lines))]


def double(chance: random.Random, lines: list[bytes]) -> None:
    lines.insert(chance.randrange(len(lines)), chance.choice(lines))


def cut(chance: random.Random, lines: list[bytes]) -> None:
    lines[-1] = lines[-1][: chance.randrange(len(lines[-1]))]


def move_tab(chance: random.Random, lines: list[bytes]) -> None:
    """The same cells with a border elsewhere: one moved, or a tab and a newline exchanged."""
    place = chance.randrange(len(lines))
    cells = lines[place].split(b"\t")
    at = chance.randrange(len(cells))
    lines[place] = b"\t".join(cells[:at]) + chance.choice([b"", b"\n", b"\t\t"]) + b"\t".join(cells[at:])


def change_cell(chance: random.Random, lines: list[bytes]) -> None:
    """A cell of another row, or one that reads as the same number or value and is spelt otherwise."""
    place = chance.randrange(len(lines))
    cells, others = lines[place].split(b"\t"), chance.choice(lines).split(b"\t")
    at = chance.randrange(len(cells))
    spelt = [b"0" + cells[at], b"+" + cells[at], b" " + cells[at], cells[at] + b" ", cells[at].upper(), cells[at][:-1], b"", b"\\N"]
    cells[at] = chance.choice([*spelt, others[at % len(others)]])
    lines[place] = b"\t".join(cells)


def shift_sealed(chance: random.Random, lines: list[bytes]) -> None:
    """Sealed values of another shape: a digit too many or few, upper case, a comma too many, no names."""
    place = chance.randrange(len(lines))
    ways = (
        (b'"}', b'0"}'),
        (b'"}', b'",}'),
        (b"sha256:", b"sha256:0"),
        (b"sha256:", b"SHA256:"),
        (b'","', b'""'),
        (b"{}", b"{ }"),
        (b"{}", b"[]"),
    )
    lines[place] = lines[place].replace(*chance.choice(ways))


WAYS: list[Callable[[random.Random, list[bytes]], None]] = [
    respell, respell, flip, exchange, remove, double, cut, move_tab, change_cell, change_cell, shift_sealed,
]  # fmt: skip


def spoil(chance: random.Random, home: Path) -> None:
    """Spoil a file, sometimes two, or the leaf and the row of one fact in the same way."""
    present = [name for name in FILES if (home / name).is_file() and (home / name).stat().st_size]
    for name in chance.sample(present, chance.choice([1, 1, 1, 2])):
        lines = (home / name).read_bytes().splitlines(keepends=True)
        chance.choice(WAYS)(chance, lines)
        (home / name).write_bytes(b"".join(lines))


def respell_both(chance: random.Random, home: Path) -> None:
    """The same words changed in all leaves and all rows: nothing tells them apart but hashes and signatures."""
    one, two = chance.choice(
        [(b"duty.told", b"duty.t\told"), (b"duty.told", b'duty"told'), (b"duty.told", b"duty.tole"), (b":47:", b":48:")]
    )
    for name in FILES[:4]:
        if (home / name).is_file():
            data = (home / name).read_bytes()
            (home / name).write_bytes(data.replace(one, two, chance.choice([-1, 1, 3])))


# --- Exports whose hashes and signatures are all good, of cells that are spelt otherwise than the portal spells them -----------------

LEAF = '{"actor":"%s","at":"%s","facts":%s,"id":%s,"kind":"%s","prev":"%s","sealed":%s,"seq":%s,"subject":"%s","v":2}'
SEAL = "hmac-sha256:" + "0a" * 32
SPELLINGS: dict[int, tuple[str, ...]] = {
    0: ("", 'a"b', "a\\b", "a\\u0062", "\0", "é", "a\tb", 'a","at":"x'),
    1: ("2026-11-25T13:00:00.00000Z", "2026-11-25T13:00:00.000000z", "2026-11-25 13:00:00.000000Z", "2026-19-45T13:00:00.000000Z", ""),
    2: ('{"b":1,"a":2}', '{"a":1,"a":2}', '{"a": 1}', "[]", "", "null", '{"a":1.5}', '{"a":NaN}', '{"a":true}', '{"a":1},"x":{}', " {}"),
    3: ("0", "01", "+1", "1.0", "true", "9" * 19, "9" * 20, "", " 1", "1_0", "1e3"),
    4: ("", 'k"', "k\\n", "\0"),
    5: (
        "{ }", "", "[]", '{"a":1}', f'{{"a":"{SEAL}",}}', f'{{"b":"{SEAL}","a":"{SEAL}"}}', f'{{"a":"{SEAL}","a":"{SEAL}"}}',
        f'{{"a":"{SEAL}""b":"{SEAL}"}}', f'{{"a":"{SEAL[:-1]}"}}', f'{{"a":"{SEAL}0"}}', f'{{"a":"{SEAL.upper()}"}}', f'{{"":"{SEAL}"}}',
        f'{{"a\\"":"{SEAL}"}}', f'{{"a" :"{SEAL}"}}', SEAL[12:] + '"}', f'{{"a":"hmac-sha255:{SEAL[12:]}"}}', f'{{"a":"{SEAL[:-1]}g"}}',
        f'{{"a":"{SEAL}","b":"{SEAL}"}}', f'{{"a":"{SEAL}"}} ', f'{{"a":{{}},"b":"{SEAL}"}}',
    ),
    6: ("0", "01", "+1", "1.0", "true", "", " 1", "1_0", "2"),
    7: ("", 'report:"', "report:\\", "\0", "report:é", 'x","v":1,"y":"'),
}  # fmt: skip


def forged(home: Path, chance: random.Random, many: int) -> Path:
    """An export signed by the log itself in which about one fact has a cell of another spelling, and its hash, place and chain fit."""
    record, rows, last = Record(), list[str](), dict[str, tuple[int, str, str]]()
    for index in range(many):
        subject, at = f"report:{chance.randrange(many // 4 + 1)}", iso(after(hours=46, seconds=index))
        cells = ["process:clock", at, '{"a":1}', str(index + 1), "duty.told", chance.choice(["{}", f'{{"a":"{SEAL}"}}']), "", subject]
        odd = chance.randrange(8) if chance.random() < 1 / many else -1
        if odd == 7:
            cells[7] = chance.choice(SPELLINGS[7])
        seq, prev, _ = last.get(cells[7], (0, "0" * 64, ""))
        cells[6] = str(seq + 1)
        if 0 <= odd < 7:
            cells[odd] = chance.choice(SPELLINGS[odd])
        record.leaves.append(LEAF % (*cells[:5], prev, *cells[5:]))
        last[cells[7]] = seq + 1, record.hash(index).hex(), cells[1]
        rows.append("\t".join([*cells, record.hash(index).hex(), str(index)]) + "\n")
    record.heads = {subject: (seq, digest) for subject, (seq, digest, _) in last.items()}
    chains = [f"{subject}\t{seq}\t{digest}\t{at}\n" for subject, (seq, digest, at) in last.items()]
    return export(home, record, rows=rows, chains=chains)
