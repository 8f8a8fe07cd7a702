"""Paper copies as test vectors: PDFs that hold a receipt or a statement, some of them spoilt."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

from portal.record.verifier.tests.sample_record import Record, written


def papers(record: Record, number: int) -> Iterator[tuple[str, bytes, str]]:
    """What each is called, its bytes, and the sentence that decides. `number`: the fact that the receipts are of."""
    data = written(record.receipt(number))
    small = zlib.compress(data, 9)
    exact, deflated = b"/Length %d" % len(data), b"/Filter/FlateDecode/Length %d" % len(small)
    yield ("a paper with its receipt attached", pdf(data, exact), "good")
    yield ("a paper with its receipt attached, deflated", pdf(small, deflated), "good")
    yield ("a paper that says elsewhere how long its receipt is", pdf(small, b"/Filter/FlateDecode/Length 12 0 R"), "good")
    yield ("a paper with a statement attached", pdf(written(record.statement(record.chain())), b""), "form")
    statement = zlib.compress(written(record.statement(record.chain())), 9)
    yield ("a paper with its statement attached, deflated", pdf(statement, b"/Filter/FlateDecode/Length %d" % len(statement)), "good")
    changed_one = data.replace(b"14:00:00.000000", b"15:00:00.000000", 1)
    yield ("a paper whose receipt was changed", pdf(changed_one, exact), "swapped_proof")
    yield ("a paper whose receipt was cut short", pdf(data, b"/Length %d" % (len(data) - 9)), "truncated")
    yield ("a paper with nothing attached", pdf(data, exact, name=b"/EmbeddedFiles"), "no_attachment")
    yield ("a paper with a picture attached", pdf(b"\x89PNG", b"/Length 4"), "no_attachment")
    yield ("a paper that is no more than a name", b"%PDF-", "no_attachment")
    yield ("a paper whose receipt does not inflate", pdf(b"x\x9c" + b"\xff" * 40, b"/Filter/FlateDecode/Length 42"), "no_attachment")


def pdf(data: bytes, words: bytes = b"", *, name: bytes = b"/EmbeddedFile") -> bytes:
    """As much of a PDF as a file attached to it needs: `data` is its stream, `words` more of its dictionary."""
    picture = b"9 0 obj\n<</Length 6/Filter/FlateDecode>>\nstream\nx\x9c\x00\xff\x01\n\nendstream\nendobj\n"
    names = b"1 0 obj\n<</Type/Catalog/Names<</EmbeddedFiles<</Names[(a) 3 0 R]>>>>>>\nendobj\n"
    head = b"4 0 obj\n<<" + words + b"/Type" + name + b"/Subtype/application#2Fjson/Params<</Size 7>>>>\nstream\n"
    return b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n" + names + picture + head + data + b"\nendstream\nendobj\n%%EOF\n"
