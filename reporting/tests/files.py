"""Files to attach in tests, good and bad."""

from __future__ import annotations

import io
import zipfile

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

HTML = b"<!DOCTYPE html><html><script>alert(1)</script></html>"


def picture(form: str = "PNG", size: tuple[int, int] = (40, 30), **options: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, form, **options)
    return out.getvalue()


def with_place(size: tuple[int, int] = (40, 30)) -> bytes:
    """A JPEG that says who made it."""
    exif = Image.Exif()
    exif[0x013B] = "Taken by Somebody"
    return picture("JPEG", size, exif=exif)


def pdf(pages: int = 2) -> bytes:
    out = io.BytesIO()
    sheets = [Image.new("RGB", (200, 280), "white") for _ in range(pages)]
    sheets[0].save(out, "PDF", save_all=True, append_images=sheets[1:])
    return out.getvalue()


def zipped(files: dict[str, bytes] | None = None, *, by: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", by) as archive:
        for name, data in (files or {"_chat.txt": "[03/03/2025, 14:02] Ada: hello 😀".encode()}).items():
            archive.writestr(name, data)
    return out.getvalue()


def encrypted() -> bytes:
    """A ZIP whose entries say that they have a password."""
    data = bytearray(zipped())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    return bytes(data)


def lying() -> bytes:
    """A ZIP whose directory says that an entry is smaller than it is."""
    data = bytearray(zipped({"_chat.txt": b"a" * 5000}))
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (10).to_bytes(4, "little")
    return bytes(data)


def broken() -> bytes:
    """A ZIP whose packed bytes are no deflate stream."""
    data = bytearray(zipped({"chat.txt": b"hello " * 50}))
    at = data.index(b"chat.txt") + len(b"chat.txt")
    data[at : at + 3] = b"\xff\xff\xff"
    return bytes(data)


def upload(name: str, data: bytes, content_type: str = "application/octet-stream") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, data, content_type)
