"""The browser that tests drive: the machine's own Chromium where there is one, else npm's, unpacked once with the libraries it brings.

`CHROMIUM` in the environment names another. Playwright's Python package brings its own driver, so no Node is needed to drive it:

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**launch_options())
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import tarfile
from pathlib import Path
from typing import Any

import brotli

BASE = Path(__file__).resolve().parents[1]
PACKED = BASE / "node_modules" / "@sparticuz" / "chromium" / "bin"
UNPACKED = Path(os.environ.get("BROWSER_DIR") or BASE / ".local" / "browser")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",  # a container seldom allows Chromium's own; the pages are ours
    "--disable-dev-shm-usage",
    "--disable-gpu",
    "--force-prefers-reduced-motion",
    "--font-render-hinting=none",
]
FONTS = (
    '<?xml version="1.0"?><!DOCTYPE fontconfig SYSTEM "fonts.dtd"><fontconfig><dir>{home}/fonts</dir><dir>/usr/share/fonts</dir>'
    "<cachedir>{home}/fonts-cache</cachedir></fontconfig>"
)


class NoBrowser(Exception):
    """No Chromium can be had here; the text says what to do."""


def chromium_path() -> Path:
    """Where Chromium is. Raises NoBrowser."""
    if named := os.environ.get("CHROMIUM"):
        return Path(named)
    for name in NAMES:
        if found := shutil.which(name):
            return Path(found)
    return _unpacked()


def launch_options() -> dict[str, Any]:
    """What Playwright's `launch` is given."""
    path = chromium_path()
    options: dict[str, Any] = {"executable_path": str(path), "args": ARGUMENTS, "headless": True}
    if UNPACKED in path.parents:
        # Npm's is built headless-only, for one process and without a graphics card.
        options["args"] = [*ARGUMENTS[1:], "--headless=shell", "--no-zygote", "--use-gl=angle", "--use-angle=swiftshader"]
        options["env"] = {**os.environ, **_beside(path.parent)}
    return options


def _beside(home: Path) -> dict[str, str]:
    """Where the unpacked Chromium finds its libraries and fonts."""
    libraries = [str(home / "lib"), str(home), os.environ.get("LD_LIBRARY_PATH", "")]
    return {"LD_LIBRARY_PATH": ":".join(part for part in libraries if part), "FONTCONFIG_PATH": str(home)}


def _unpacked() -> Path:
    """Npm's Chromium, unpacked by the first test process to come and waited for by the others."""
    packed = PACKED / "chromium.br"
    if not packed.exists():
        raise NoBrowser("The browser tests need Chromium. `make frontend-dev` fetches one; or set CHROMIUM to one of your own.")
    home = UNPACKED / f"{packed.stat().st_size}"
    home.mkdir(parents=True, exist_ok=True)
    with (home / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (home / "chromium").exists():
            _unpack(home)
    return home / "chromium"


def _unpack(home: Path) -> None:
    for archive in ("al2023.tar.br", "swiftshader.tar.br", "fonts.tar.br"):
        with tarfile.open(fileobj=io.BytesIO(_inflate(PACKED / archive))) as tar:
            tar.extractall(home, filter="data")
    (home / "fonts.conf").write_text(FONTS.format(home=home))
    draft = home / "chromium.new"
    draft.write_bytes(_inflate(PACKED / "chromium.br"))
    draft.chmod(0o755)
    draft.rename(home / "chromium")


def _inflate(path: Path) -> bytes:
    data: bytes = brotli.decompress(path.read_bytes())
    return data
