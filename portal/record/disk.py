"""Write small files whole or not at all, and know that they are on the disk. The stand-alone witness does, so nothing here needs Django."""

from __future__ import annotations

import os
from pathlib import Path
from secrets import token_hex

SHARED = 0o666  # less what the process's umask takes away


def replace(path: Path, content: bytes, mode: int = SHARED) -> None:
    """Put `content` at `path`, in place of what is there; a reader sees the old file or the new one."""
    draft = _draft(path, content, mode)
    draft.rename(path)
    sync_directory(path.parent)


def make_once(path: Path, content: bytes, mode: int = SHARED) -> None:
    """Put `content` at `path` unless something is there: where two processes or threads do, both end with what was first."""
    draft = _draft(path, content, mode)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    sync_directory(path.parent)


def sync_directory(home: Path) -> None:
    """Put on the disk that a file was made or renamed in `home`."""
    handle = os.open(home, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _draft(path: Path, content: bytes, mode: int) -> Path:
    """`content` on the disk, beside `path` and under a name of its own."""
    draft = path.with_name(f".{path.name}.{token_hex(8)}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
