"""Is a file what it says it is? Its name, two sniffers and a decode must agree before it is kept.

Nothing is unpacked to disk, and nothing is decoded before its size is known.
"""

from __future__ import annotations

import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from threading import Lock
from typing import BinaryIO

import filetype
import pillow_heif
import puremagic
import pypdfium2
from PIL import Image
from pypdfium2 import PdfiumError

from reporting.evidence.zips import Unfit, check_zip

MOST_FILES = 10
LARGEST = 25 * 1024 * 1024
MOST_PIXELS = 60_000_000
HEAD = 8192
IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/webp": "WEBP", "image/heic": "HEIF"}
CONTROLS = frozenset(map(chr, range(32))) - frozenset("\t\n\r\f")

Image.MAX_IMAGE_PIXELS = MOST_PIXELS
pillow_heif.register_heif_opener()
# What the readers raise over a file made to break them: Pillow, the ZIP module and what unpacks for it say it in many ways.
UNREADABLE: tuple[type[Exception], ...] = (
    *(OSError, ValueError, SyntaxError, EOFError, MemoryError, LookupError, TypeError, ArithmeticError),
    *(struct.error, zlib.error, lzma.LZMAError, zipfile.BadZipFile),
)
_pdfium = Lock()  # PDFium keeps global state and may be in one thread at a time


class BadFile(Exception):
    """The file cannot be kept. The text says what to do, for the officer who sent it."""


@dataclass(frozen=True, slots=True)
class Type:
    """A type of file that may be sent, by what each sniffer calls it. An empty tuple: the sniffer must know nothing."""

    media_type: str
    filetype: tuple[str, ...]
    puremagic: tuple[str, ...]


PNG = Type("image/png", ("image/png",), ("image/png",))
JPEG = Type("image/jpeg", ("image/jpeg",), ("image/jpeg",))
WEBP = Type("image/webp", ("image/webp",), ("image/webp",))
HEIC = Type("image/heic", ("image/heic", "image/heif", "image/avif"), ("image/heif", "image/heic", "video/mp4"))
PDF = Type("application/pdf", ("application/pdf",), ("application/pdf",))
TXT = Type("text/plain", (), ())
ZIP = Type("application/zip", ("application/zip",), ("application/zip", ".zip"))
BY_ENDING = {
    ".png": PNG, ".jpg": JPEG, ".jpeg": JPEG, ".webp": WEBP, ".heic": HEIC, ".heif": HEIC, ".pdf": PDF, ".txt": TXT, ".zip": ZIP,
}  # fmt: skip
ENDINGS = ",".join(BY_ENDING)


def inspect(file: BinaryIO, *, name: str, size: int) -> str:
    """The media type of a file that may be kept, or BadFile. Leaves the file at its start."""
    if size == 0:
        raise BadFile(f"“{name}” is empty. Check that it opens on your device, then attach it again.")
    if size > LARGEST:
        raise BadFile(f"“{name}” is larger than 25 MB. Attach a smaller copy, or part of it.")
    kind = BY_ENDING.get(PurePath(name.lower()).suffix)
    if kind is None:
        raise BadFile(f"“{name}” can't be attached. Attach a PNG, JPEG, WebP, HEIC, PDF, TXT or ZIP file.")
    head = file.read(HEAD)
    file.seek(0)
    if not _sniffers_agree(kind, head):
        raise BadFile(f"“{name}” isn't what its name says it is. Attach the original file.")
    _decode(kind, file, name)
    file.seek(0)
    return kind.media_type


def _sniffers_agree(kind: Type, head: bytes) -> bool:
    guess = filetype.guess(head)
    if kind is TXT:  # plain text has no signature, and may begin with any letters: the decode decides
        return not head.startswith((b"%PDF", b"PK\x03\x04", b"\x89PNG", b"\xff\xd8\xff"))
    if guess is None or guess.mime not in kind.filetype:
        return False
    return any(found in kind.puremagic for found in _puremagic(head))


def _puremagic(head: bytes) -> Iterator[str]:
    try:
        for match in puremagic.magic_string(head):
            yield from (match.mime_type, match.extension)
    except (puremagic.PureError, ValueError):
        return


def _decode(kind: Type, file: BinaryIO, name: str) -> None:
    try:
        if kind.media_type in IMAGES:
            _decode_image(file, IMAGES[kind.media_type])
        elif kind is PDF:
            with open_pdf(file):
                pass
        elif kind is TXT:
            read_text(file.read())
        else:
            check_zip(file)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise BadFile(f"“{name}” has too many pixels to show. Attach a smaller copy.") from error
    except PdfiumError as error:
        raise BadFile(f"“{name}” can't be opened as a PDF. If it has a password, save a copy without one and attach that.") from error
    except UNREADABLE as error:
        reason = str(error) if isinstance(error, Unfit) else "is damaged or isn't what its name says it is. Attach the original file."
        raise BadFile(f"“{name}” {reason}") from error


def _decode_image(file: BinaryIO, form: str) -> None:
    with Image.open(file, formats=[form]) as image:
        if image.width * image.height > MOST_PIXELS:
            raise Image.DecompressionBombError
        image.load()


@contextmanager
def open_pdf(file: BinaryIO) -> Iterator[pypdfium2.PdfDocument]:
    """An open PDF with at least one page; raises PdfiumError or ValueError."""
    file.seek(0)
    with _pdfium:
        document = pypdfium2.PdfDocument(file.read())
        try:
            if len(document) == 0:
                raise ValueError("no pages")
            yield document
        finally:
            document.close()


def read_text(data: bytes) -> str:
    """Text in UTF-8, in UTF-16 with its mark, or in Windows' Western set. Raises ValueError for anything with control characters."""
    text = _as_text(data)
    if CONTROLS & set(text):
        raise ValueError("not text")
    return text


def _as_text(data: bytes) -> str:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("cp1252")
