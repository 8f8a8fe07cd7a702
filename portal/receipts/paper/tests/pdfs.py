"""What a PDF says of itself, read by pyHanko and pdfium: not by what wrote it."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pypdfium2
from pyhanko.pdf_utils.reader import PdfFileReader


def root(pdf: bytes) -> Any:
    """The document's catalogue."""
    return PdfFileReader(io.BytesIO(pdf)).root


def tags(pdf: bytes) -> list[str]:
    """The structure's element types, in reading order."""
    return list(_types(root(pdf)["/StructTreeRoot"]))


def _types(element: Any) -> Iterator[str]:
    found = element.get_object() if hasattr(element, "get_object") else element
    if isinstance(found, list):
        for one in found:
            yield from _types(one)
    elif hasattr(found, "keys"):
        if "/S" in found and "/K" in found:
            yield str(found["/S"]).removeprefix("/")
        if "/K" in found:
            yield from _types(found["/K"])


def pages(pdf: bytes) -> list[str]:
    """The text of each page, one space for any white space, and none where a long word was broken."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return [" ".join(page.get_textpage().get_text_range().replace("\u200b", "").replace("\ufffe", "-").split()) for page in document]
    finally:
        document.close()


def attached(pdf: bytes) -> dict[str, bytes]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        files = [document.get_attachment(number) for number in range(document.count_attachments())]
        return {file.get_name(): bytes(file.get_data()) for file in files}
    finally:
        document.close()
