"""Safe copies of files: drawn anew as JPEG, or taken out as plain text, with nothing of the original but what can be seen."""

from __future__ import annotations

import io
from typing import BinaryIO

from PIL import Image, ImageOps

from reporting.evidence.inspecting import IMAGES, open_pdf, read_text
from reporting.evidence.zips import first_chat

LONGEST_SIDE = 1600
PDF_PAGES = 3
TEXT_BYTES = 64 * 1024
QUALITY = 82


def preview(file: BinaryIO, media_type: str) -> tuple[str, bytes]:
    """The type and bytes of the copy that pages show, from a file that `inspecting.inspect` let through."""
    file.seek(0)
    if media_type in IMAGES:
        return "image/jpeg", _image(file, IMAGES[media_type])
    if media_type == "application/pdf":
        return "image/jpeg", _pages(file)
    data = first_chat(file, TEXT_BYTES) if media_type == "application/zip" else file.read(TEXT_BYTES)
    return "text/plain", _text(data).encode()


def _image(file: BinaryIO, form: str) -> bytes:
    with Image.open(file, formats=[form]) as image:
        image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(image)
        upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        return _jpeg(upright)


def _jpeg(image: Image.Image) -> bytes:
    """A JPEG of the pixels alone: on white, without metadata."""
    seen = image.convert("RGBA")
    paper = Image.new("RGB", seen.size, "white")
    paper.paste(seen, mask=seen)
    out = io.BytesIO()
    paper.save(out, "JPEG", quality=QUALITY, optimize=True)
    return out.getvalue()


def _pages(file: BinaryIO) -> bytes:
    """The first pages, one under another."""
    with open_pdf(file) as document:
        drawn = [_page(document[number]) for number in range(min(len(document), PDF_PAGES))]
    sheet = Image.new("RGB", (max(page.width for page in drawn), sum(page.height for page in drawn)), "white")
    top = 0
    for page in drawn:
        sheet.paste(page, (0, top))
        top += page.height
    return _jpeg(sheet)


def _page(page: object) -> Image.Image:
    width, height = page.get_size()  # type: ignore[attr-defined]
    scale = min(LONGEST_SIDE / max(width, height, 1), 3.0)
    image: Image.Image = page.render(scale=scale).to_pil().convert("RGB")  # type: ignore[attr-defined]
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    return image


def _text(data: bytes) -> str:
    """The text of a beginning: what was cut at TEXT_BYTES ends with its last whole line, so that no character is cut in two."""
    whole = data if len(data) < TEXT_BYTES else data[: data.rfind(b"\n")]
    try:
        return read_text(whole)
    except ValueError:
        return ""
