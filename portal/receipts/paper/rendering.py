"""A paper as PDF/UA-1 (ISO 14289-1:2014), with what it is about attached, by typst 0.15 and the fonts inside it.

typst is given data and one template. It reads no file of this machine and no font of it, so a paper looks the same everywhere.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any, cast

import segno
import typst

from portal.receipts.paper.contents import Paper, Part, Prose, Table, Words, bounded
from portal.receipts.paper.printable import Care, printable, prints, right_to_left

TEMPLATE = Path(__file__).with_name("paper.typ")
STEPS = (
    "This PDF holds the {noun} itself as an attached file, {name}. Save that file and check it at {url}, or with candour_verify.py.",
    "This PDF is signed. A PDF reader shows whether a byte of it has changed since, and by which certificate it was signed.",
)
BY_NAME = (
    "Characters that this paper’s fonts cannot print are written by name in square brackets. The attached {noun} holds them as written."
)


FORMS: Mapping[type[Part], str] = {Prose: "prose", Words: "words", Table: "rows"}


class CannotPrint(Exception):
    """typst refused the paper. What it said is left out, for it quotes what was written, and errors end up in logs."""


def render(paper: Paper, *, made_at: datetime) -> bytes:
    """The PDF, not yet signed. Raises CannotPrint."""
    files = {"attachment": paper.attachment, "qr.svg": code(paper.check_url), "main.typ": TEMPLATE.read_bytes()}
    said = bounded(paper)
    for care in Care:
        try:
            return _compile({**files, "paper.json": json.dumps(data(said, care)).encode()}, made_at)
        except CannotPrint:
            if care is max(Care):
                raise
    raise AssertionError  # the loop returns or raises


@cache
def code(address: str) -> bytes:
    """A QR code as SVG."""
    drawn = io.BytesIO()
    segno.make(address, error="m", micro=False).save(drawn, kind="svg", border=0, dark="#1b1b1b", xmldecl=False)
    return drawn.getvalue()


def data(paper: Paper, care: Care) -> dict[str, Any]:
    """What the template reads, with every text printable."""
    told = {name: value for name, value in asdict(paper).items() if name not in ("attachment", "parts")}
    told["parts"] = [{**asdict(part), "form": FORMS[type(part)]} for part in paper.parts]
    steps = STEPS if all(prints(text, care) for text in _texts(told)) else (*STEPS, BY_NAME)
    told["steps"] = [step.format(noun=paper.noun, name=paper.attachment_name, url=paper.check_url) for step in steps]
    clean: dict[str, Any] = _printable(told, care)
    for part in clean["parts"]:
        if part["form"] == "words":
            part["lines"] = [{"text": line, "rtl": right_to_left(line)} for line in part.pop("text").split("\n")]
    return clean


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list | tuple):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


def _printable(value: Any, care: Care) -> Any:
    if isinstance(value, str):
        return printable(value, care)
    if isinstance(value, dict):
        return {name: _printable(inner, care) for name, inner in value.items()}
    return [_printable(inner, care) for inner in value] if isinstance(value, list | tuple) else value


def _compile(files: dict[str, bytes], made_at: datetime) -> bytes:
    """typst's own faults end in a panic, which is no Exception: text that it cannot lay out must not end a worker."""
    try:
        made: bytes = typst.compile(
            cast("Any", files),  # its stubs know one file alone
            ignore_system_fonts=True,
            format="pdf",
            pdf_standards="ua-1",
            timestamp=int(made_at.timestamp()),
        )
    except BaseException as error:
        if isinstance(error, typst.TypstError) or type(error).__name__ == "PanicException":
            raise CannotPrint("typst could not lay it out") from None
        raise
    return made
