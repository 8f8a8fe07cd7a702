"""ZIP files of exported chats: looked through where they lie, within limits, and never unpacked to disk."""

from __future__ import annotations

import zipfile
from pathlib import PurePath
from typing import BinaryIO

MOST_ENTRIES = 2000
LARGEST_UNPACKED = 150 * 1024 * 1024
STEEPEST = 100  # unpacked to packed; chat text packs about tenfold
CHATS = {".txt", ".json", ".html"}
NESTED = {".zip", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar", ".tar", ".zst", ".jar", ".docx", ".xlsx", ".pptx"}
ENCRYPTED = 0x1
PIECE = 1024 * 1024
BOUNDED = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}  # Python unpacks the others whole, however little of them is read
ODDLY_PACKED = "was packed in a way that can't be read. Export the chat again and attach that."


class Unfit(ValueError):
    """What is wrong with the ZIP, worded to follow the file's name."""


def check_zip(file: BinaryIO) -> None:
    """Raise Unfit, or zipfile's own errors, unless this is a ZIP of an exported chat that can be read safely."""
    size = file.seek(0, 2)
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        entries = archive.infolist()
        _check_list(entries, size)
        for entry in entries:
            _read_through(archive, entry)


def first_chat(file: BinaryIO, most: int) -> bytes:
    """The beginning of the first chat text in a ZIP that was checked."""
    file.seek(0)
    with zipfile.ZipFile(file) as archive:
        chats = [entry for entry in archive.infolist() if _ending(entry) == ".txt"]
        if not chats:
            return b""
        with archive.open(chats[0]) as chat:
            return chat.read(most)


def _check_list(entries: list[zipfile.ZipInfo], size: int) -> None:
    unpacked, packed = sum(entry.file_size for entry in entries), sum(entry.compress_size for entry in entries)
    if any(entry.flag_bits & ENCRYPTED for entry in entries):
        raise Unfit("has a password. Export the chat again without one and attach that.")
    if any(entry.compress_type not in BOUNDED for entry in entries):
        raise Unfit(ODDLY_PACKED)
    if len(entries) > MOST_ENTRIES:
        raise Unfit("holds more than 2,000 files. Export the chat without its pictures and attach that.")
    if unpacked > LARGEST_UNPACKED or unpacked > STEEPEST * max(packed, 1) or packed > size:
        raise Unfit("unpacks to far more than it should. Export the chat again and attach that.")
    if any(_ending(entry) in NESTED for entry in entries):
        raise Unfit("has another archive inside it. Export the chat again and attach only that.")
    if not any(_ending(entry) in CHATS for entry in entries):
        raise Unfit("has no chat in it. Attach the ZIP file that your app exported.")


def _ending(entry: zipfile.ZipInfo) -> str:
    return PurePath(entry.filename.lower()).suffix


def _read_through(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> None:
    """Unpack one entry into nothing: its check sum and its stated size must be true."""
    try:
        with archive.open(entry) as unpacking:
            first = unpacking.read(4)
            if first.startswith((b"PK\x03\x04", b"\x1f\x8b", b"7z\xbc\xaf", b"Rar!")):
                raise Unfit("has another archive inside it. Export the chat again and attach only that.")
            while unpacking.read(PIECE):
                pass
    except (NotImplementedError, RuntimeError) as error:
        raise Unfit(ODDLY_PACKED) from error
