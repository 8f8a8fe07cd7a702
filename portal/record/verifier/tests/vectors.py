"""The test vectors of docs/record-format.md: good and bad receipts, promises and statements, with what a verifier says of each.

`python -m portal.record.verifier.tests.vectors` writes them to portal/record/tests/vectors; a test holds the files to this text. The
page's tests read the same files.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from portal.record import notes
from portal.record.canonical import canonical, iso
from portal.record.notes import encode64
from portal.record.verifier import candour_verify
from portal.record.verifier.tests import sample_statements
from portal.record.verifier.tests.paper_vectors import papers
from portal.record.verifier.tests.sample_record import (
    CONSTABLE,
    NOW,
    Record,
    Signer,
    after,
    story,
    written,
)

HOME = Path(__file__).resolve().parents[2] / "tests" / "vectors"
RECORD = story()
OTHER = Record(Signer("portal.other.example/record", "other"))
FORGER = Record(Signer(seed="forger"))
for twin in (OTHER, FORGER):
    twin.leaves, twin.disclosed, twin.heads = RECORD.leaves, RECORD.disclosed, RECORD.heads
SENT, CLAIMED = 1, 5
Paper = dict[str, Any]


@dataclass
class Vector:
    """One file, what the verifier is told beside it, and the name of the sentence that decides."""

    name: str
    data: bytes
    code: str
    keys: list[str] = field(default_factory=RECORD.signer.vkeys)
    now: datetime = NOW
    checkpoint: str | None = None
    policy: bytes | None = None
    max_age: int | None = None

    def judged(self) -> tuple[str, list[str]]:
        try:
            verdict = candour_verify.verify_receipt(
                self.data, keys=self.keys, now=self.now, checkpoint=self.checkpoint, policy=self.policy, max_age=self.max_age
            )
        except candour_verify.Unreadable as error:
            return error.code, [error.sentence]
        return verdict.code, verdict.sentences

    def as_json(self) -> dict[str, Any]:
        given = {"keys": self.keys, "now": iso(self.now), "checkpoint": self.checkpoint, "max_age": self.max_age}
        policy = None if self.policy is None else self.policy.decode()
        code, sentences = self.judged()
        told = {"code": code, "sentences": sentences}
        return {"name": self.name, "data": base64.b64encode(self.data).decode(), **given, "policy": policy, **told}


def changed(paper: Paper, change: Callable[[Paper], Any]) -> bytes:
    copy = deepcopy(paper)
    change(copy)
    return written(copy)


def setting(**members: Any) -> Callable[[Paper], None]:
    return lambda paper: paper.update(members)


def vectors() -> Iterator[Vector]:
    yield from good()
    yield from changed_receipts()
    yield from swapped()
    yield from untrusted()
    yield from key_names()
    yield from on_paper()
    yield from out_of_time()
    yield from quorums()
    yield from promises()
    yield from statements()
    yield from unreadable()


def good() -> Iterator[Vector]:
    one = Record()
    one.add("guidance.acknowledged", "reader:1", version=1)
    yield Vector("a receipt in a tree of one", written(one.receipt(0)), "good")
    yield Vector("a receipt with a file and words", written(RECORD.receipt(SENT)), "good")
    yield Vector("a receipt from a smaller tree", written(RECORD.receipt(SENT, size=3)), "good")
    yield Vector("a receipt of the last leaf", written(RECORD.receipt(14, at=NOW)), "good")
    yield Vector("a receipt with a witness", written(RECORD.receipt(SENT, witnessed=True)), "good")
    part = RECORD.receipt(SENT)
    yield Vector(
        "a receipt that shows one value of three",
        changed(part, lambda it: it.update(disclosed={"sender": it["disclosed"]["sender"]})),
        "good",
    )
    yield Vector("a receipt held against its own checkpoint", written(RECORD.receipt(SENT)), "good", checkpoint=RECORD.checkpoint(at=NOW))
    yield Vector("a receipt young enough", written(RECORD.receipt(SENT, at=NOW)), "good", max_age=1)
    many = Record()
    for number in range(1000):
        many.add("handset.claimed", f"handset:{number}")
    yield Vector("a receipt in a tree of a thousand", written(many.receipt(999)), "good")


def changed_receipts() -> Iterator[Vector]:
    paper = RECORD.receipt(SENT)
    text = written(paper)
    leaf = json.loads(paper["leaf"])
    yield Vector("another newline", text + b"\n", "form")
    yield Vector("no newline", text[:-1], "form")
    yield Vector("white space between members", text.replace(b',"leaf"', b', "leaf"'), "form")
    yield Vector(
        "a member twice", text[:-2] + b',"words_note":' + json.dumps(paper["words_note"], ensure_ascii=False).encode() + b"}\n", "form"
    )
    yield Vector("a member more", changed(paper, setting(extra=1)), "form")
    yield Vector("a member less", changed(paper, lambda it: it.pop("disclosed")), "form")
    yield Vector("another spelling of a letter", text.replace(b"report.sent", b"report\\u002esent", 1), "form")
    yield Vector("a fraction", changed(paper, lambda it: None).replace(b'"title":"You', b'"x":1.0,"title":"You'), "form")
    yield Vector("a leaf that is not canonical", changed(paper, setting(leaf=paper["leaf"].replace('","at', '", "at'))), "form")
    yield Vector("a leaf without its kind", changed(paper, setting(leaf=canonical({k: v for k, v in leaf.items() if k != "kind"}))), "form")
    yield Vector("a day that does not exist", changed(paper, setting(leaf=paper["leaf"].replace("2026-11-23T", "2026-11-31T"))), "form")
    yield Vector("base64 with other spare bits", changed(paper, _spare_bits), "form")
    yield Vector("an index with a nought before it", changed(paper, setting(proof=paper["proof"].replace("index 1", "index 01"))), "form")
    yield Vector(
        "a line of extra data in the proof", changed(paper, setting(proof=paper["proof"].replace("index 1", "extra AAAA\nindex 1"))), "form"
    )
    yield Vector(
        "a signature line twice", changed(paper, lambda it: it.update(proof=it["proof"] + it["proof"].splitlines()[-1] + "\n")), "form"
    )
    yield Vector("a key that signs nothing", changed(paper, lambda it: it["keys"].insert(2, str(RECORD.signer.witness_key()))), "form")
    yield Vector("keys in another order", changed(paper, lambda it: it["keys"].insert(0, it["keys"].pop(1))), "form")
    yield Vector("a leaf that was changed", changed(paper, setting(leaf=paper["leaf"].replace("T14:00:00", "T13:00:00"))), "swapped_proof")
    yield Vector("a signature that was changed", changed(paper, lambda it: _last_line(it, "proof")), "signature")
    yield Vector(
        "a name that was changed", changed(paper, lambda it: it["words"]["names"].update({CONSTABLE: "Somebody Else"})), "swapped_words"
    )
    yield Vector("a signature over the words that was changed", changed(paper, lambda it: _last_line(it, "words_note")), "signature")


def _spare_bits(paper: Paper) -> None:
    salt = paper["disclosed"]["sender"]["salt"]
    last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".index(salt[-2])
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    paper["disclosed"]["sender"]["salt"] = salt[:-2] + letters[last ^ 1] + "="


def _last_line(paper: Paper, member: str) -> None:
    """Change one letter in the middle of the last signature."""
    body, line = paper[member][:-1].rsplit("\n", 1)
    at = len(line) - 40
    paper[member] = f"{body}\n{line[:at]}{'A' if line[at] != 'A' else 'B'}{line[at + 1 :]}\n"


def swapped() -> Iterator[Vector]:
    paper, other = RECORD.receipt(SENT), RECORD.receipt(CLAIMED)
    yield Vector("the proof of another leaf", changed(paper, setting(proof=other["proof"])), "swapped_proof")
    yield Vector("another index", changed(paper, setting(proof=paper["proof"].replace("index 1", "index 3"))), "swapped_proof")
    yield Vector("an index outside the tree", changed(paper, setting(proof=paper["proof"].replace("index 1", "index 15"))), "swapped_proof")
    yield Vector("a node of the path less", changed(paper, setting(proof=_without_node(paper["proof"]))), "swapped_proof")
    foreign = {"salt": encode64(bytes(32)), "value": encode64(b"They wrote yes")}
    yield Vector("a value that was never sealed", changed(paper, lambda it: it["disclosed"].update(message=foreign)), "swapped_value")
    yield Vector("two values the other way round", changed(paper, _crossed), "swapped_value")
    yield Vector("a value this fact does not have", changed(paper, lambda it: it["disclosed"].update(rationale=foreign)), "extra_value")
    words = RECORD.statement(RECORD.chain())["words"]
    yield Vector("the words of another paper", changed(paper, setting(words=words)), "swapped_words")
    signed = {name: other[name] for name in ("words", "words_note")}
    yield Vector("the words of another paper with their signature", changed(paper, setting(**signed)), "swapped_words")


def _crossed(paper: Paper) -> None:
    given = paper["disclosed"]
    given["message"], given["sender"] = given["sender"], given["message"]


def _without_node(proof: str) -> str:
    rows = proof.split("\n")
    return "\n".join(rows[:2] + rows[3:])


def untrusted() -> Iterator[Vector]:
    paper = RECORD.receipt(SENT)
    yield Vector("no key is trusted", written(paper), "no_key", keys=[])
    yield Vector("of another record", written(OTHER.receipt(SENT)), "wrong_origin")
    yield Vector("of another record, with only its name changed", written(paper), "wrong_origin", keys=OTHER.signer.vkeys())
    yield Vector("the same name, signed by somebody else", written(FORGER.receipt(SENT)), "wrong_key")
    yield Vector("the portal’s key is not trusted", written(paper), "wrong_portal_key", keys=RECORD.signer.vkeys()[:1])
    unsigned = changed(paper, lambda it: (it["keys"].pop(1), it.update(proof=it["proof"].rsplit("— ", 1)[0])))
    yield Vector("the log’s time is missing", unsigned, "unsigned")


SPACES = {"a next line": "\x85", "a no-break space": "\xa0", "a line separator": "\u2028", "an ideographic space": "\u3000"}
NO_SPACES = {"a byte order mark": "\ufeff", "a zero-width space": "\u200b", "a Mongolian vowel separator": "\u180e"}


def key_names() -> Iterator[Vector]:
    """Names of keys hold no Unicode spaces (White_Space); what only looks like one, or is one for a regular expression, is a letter."""
    for what, letter in {**SPACES, **NO_SPACES}.items():
        with mock.patch.object(notes, "check_name", str):  # ours would not sign as most of these
            paper = replace(RECORD, signer=Signer(witness=f"witness{letter}.example")).receipt(SENT, witnessed=True)
        yield Vector(f"a witness whose name holds {what}", written(paper), "form" if what in SPACES else "good")


def on_paper() -> Iterator[Vector]:
    """Paper copies: the file that is attached counts, and nothing else of the PDF does."""
    for name, data, code in papers(RECORD, SENT):
        yield Vector(name, data, code)


def out_of_time() -> Iterator[Vector]:
    paper = written(RECORD.receipt(SENT))
    yield Vector("older than is allowed", paper, "stale", max_age=1)
    yield Vector(
        "from a smaller tree than the checkpoint", written(RECORD.receipt(SENT, size=3)), "stale_checkpoint", checkpoint=RECORD.checkpoint()
    )
    yield Vector("from a larger tree than the checkpoint", paper, "future_checkpoint", checkpoint=RECORD.checkpoint(size=9))
    split = RECORD.checkpoint(root=bytes(32))
    yield Vector("another tree of the same size", paper, "split", checkpoint=split)
    yield Vector("signed ahead of the clock", paper, "future_signed", now=after(minutes=50))
    yield Vector("signed a little ahead of the clock", paper, "good", now=after(minutes=56))
    yield Vector("a fact later than its tree", written(RECORD.receipt(14)), "future_fact")
    forged = FORGER.checkpoint()
    yield Vector("a checkpoint that somebody else signed", paper, "unsigned", checkpoint=forged)


def quorums() -> Iterator[Vector]:
    first = RECORD.signer.witness_key()
    second = Signer(witness="witness.example/w2", seed="w2")
    lines = f"witness one {first}\nwitness two {second.witness}+{_second_id(second)}\n"
    plain, witnessed = written(RECORD.receipt(SENT)), written(RECORD.receipt(SENT, witnessed=True))
    yield Vector(
        "a policy that asks for one witness, and there is one", witnessed, "good", policy=f"witness one {first}\nquorum one\n".encode()
    )
    yield Vector(
        "a policy that asks for one witness, and there is none", plain, "quorum", policy=f"witness one {first}\nquorum one\n".encode()
    )
    yield Vector("a policy that asks for both", witnessed, "quorum", policy=f"{lines}group g all one two\nquorum g\n".encode())
    yield Vector(
        "a policy that asks for either", witnessed, "good", policy=f"# either\n\n{lines}\tgroup g  any one two \nquorum g\n".encode()
    )
    yield Vector("a policy that asks for nobody", plain, "good", policy=b"quorum none\n")
    for name, text in {
        "a policy without a quorum": lines,
        "a policy with two quorums": "quorum none\nquorum none\n",
        "a policy with an unknown name": "quorum somebody\n",
        "a policy without its last newline": "quorum none",
        "a policy with a member of two groups": f"{lines}group g any one\ngroup h any one\nquorum g\n",
        "a policy that asks for more than there are": f"{lines}group g 3 one two\nquorum g\n",
    }.items():
        yield Vector(name, plain, "bad_policy", policy=text.encode())


def _second_id(signer: Signer) -> str:
    key = candour_verify.Key(signer.witness, 4, signer.key(1).public)
    return str(key).split("+", 1)[1]


def promises() -> Iterator[Vector]:
    paper = RECORD.pending(SENT)
    yield Vector("a promise", written(paper), "good")
    yield Vector("a promise that was broken", written(paper), "late_promise", now=NOW + timedelta(minutes=2))
    yield Vector("a promise about another fact", changed(paper, setting(promise=RECORD.pending(CLAIMED)["promise"])), "swapped_promise")
    yield Vector("a promise that was changed", changed(paper, lambda it: _last_line(it, "promise")), "signature")
    yield Vector("a promise of another record", written(OTHER.pending(SENT)), "wrong_origin")
    yield Vector("a promise by somebody else", written(FORGER.pending(SENT)), "wrong_portal_key")
    yield Vector("a promise from the future", written(paper), "future_signed", now=after(minutes=-6))
    yield Vector("a promise and a proof", changed(paper, setting(proof=RECORD.receipt(SENT)["proof"])), "form")


def statements() -> Iterator[Vector]:
    chain = RECORD.chain()
    paper = RECORD.statement(chain)
    yield Vector("a statement", written(paper), "good")
    yield Vector("a statement of one who still holds the duty", written(sample_statements.still_held()), "good")
    yield Vector("a statement of a report whose reporter did not hear", written(sample_statements.unheard()), "good")
    yield Vector("a statement with an act that is dated back", written(sample_statements.dated_back()), "good")
    yield Vector("a holder’s part", written(RECORD.statement(chain[4:], reader="holder")), "good")
    yield Vector("a statement with facts withheld", written(RECORD.statement(chain, withheld=chain[2:4])), "good")
    yield Vector("a statement with the act withheld", written(RECORD.statement(chain, withheld=chain[6:7])), "good")
    yield Vector("a statement that begins late", written(RECORD.statement(chain[1:])), "beginning")
    yield Vector("a holder’s part without its beginning", written(RECORD.statement(chain[5:], reader="holder")), "beginning")
    yield Vector("a statement that ends early", written(RECORD.statement(chain[:-1])), "ending")
    yield Vector("a statement whose end is withheld", written(RECORD.statement(chain, withheld=chain[-1:])), "ending")
    yield Vector("a statement with a fact left out", changed(paper, lambda it: it["facts"].pop(3)), "gap")
    yield Vector("a statement with two facts exchanged", changed(paper, lambda it: it["facts"].insert(2, it["facts"].pop(3))), "gap")
    yield Vector("a statement with a fact of another report", changed(paper, setting(facts=[RECORD.shown(CLAIMED)])), "other_subject")
    yield Vector("a statement about another report", changed(paper, setting(subject="report:other")), "other_subject")
    yield Vector("a statement whose fact was changed", changed(paper, _later), "swapped_proof")
    yield Vector("a statement with no facts", changed(paper, setting(facts=[])), "form")
    yield Vector("a statement with a withheld fact renumbered", changed(RECORD.statement(chain, withheld=chain[2:3]), _renumbered), "gap")
    forked = sample_statements.forked()
    yield Vector("a statement with a chain that was forked", written(forked.statement(forked.chain())), "broken_link")
    yield Vector("a statement of another record", written(OTHER.statement(chain)), "wrong_origin")
    yield Vector("a statement by somebody else", written(FORGER.statement(chain)), "wrong_key")


def _later(paper: Paper) -> None:
    paper["facts"][1]["leaf"] = paper["facts"][1]["leaf"].replace('"why":"sent"', '"why":"left"')


def _renumbered(paper: Paper) -> None:
    paper["facts"][2]["seq"] += 1


def unreadable() -> Iterator[Vector]:
    text = written(RECORD.receipt(SENT))
    deep = b'{"candour":"receipt/v1","x":' + b"[" * 20_000 + b"]" * 20_000 + b"}\n"
    yield Vector("cut short", text[: len(text) // 2], "truncated")
    yield Vector("cut by one letter", text[:-2], "truncated")
    yield Vector("a statement cut short", written(RECORD.statement(RECORD.chain()))[:4_000], "truncated")
    for name, data in {
        "nothing": b"",
        "no JSON": b"hello\n",
        "another JSON": b'{"hello":"world"}\n',
        "a list": b"[]\n",
        "not UTF-8": text[:100] + b"\xff" + text[100:],
        "a byte order mark": b"\xef\xbb\xbf" + text,
        "a version that does not exist": text.replace(b"receipt/v1", b"receipt/v2", 1),
    }.items():
        yield Vector(name, data, "unknown")
    yield Vector("nested without end", deep, "form")
    yield Vector("a number with no end", b'{"candour":"receipt/v1","x":' + b"9" * 5_000 + b"}\n", "form")
    yield Vector("NaN", text.replace(b'{"candour', b'{"a":NaN,"candour', 1), "unknown")
    yield Vector("half a surrogate pair", text.replace(b"You sent", b"\\ud800You sent", 1), "form")


def write() -> None:
    HOME.mkdir(exist_ok=True)
    for name, made in files().items():
        (HOME / name).write_text(made)


def files() -> dict[str, str]:
    """The vector files' text by their names."""
    groups = {
        "good": good,
        "changed": changed_receipts,
        "swapped": swapped,
        "untrusted": untrusted,
        "names": key_names,
        "paper": on_paper,
        "time": out_of_time,
    }
    more = {"policy": quorums, "promise": promises, "statement": statements, "unreadable": unreadable}
    return {
        f"{name}.json": json.dumps([vector.as_json() for vector in make()], indent=1, ensure_ascii=False) + "\n"
        for name, make in (groups | more).items()
    }


if __name__ == "__main__":
    write()
