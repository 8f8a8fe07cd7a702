"""Loading the full force through the two imports, as an administrator would, timed from outside."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from tests.bench.ground import BASE, Environment


@dataclass(frozen=True)
class Import:
    """seconds: the whole command, Python's start included. peak_mb: its memory at most; tenth_mb: that for a tenth of the file."""

    rows: int
    seconds: float
    peak_mb: float
    tenth_mb: float


def load(env: Environment, *, command: str, file: Path) -> Import:
    """Import a file into an empty table; before it, look at a tenth of it without writing, to see whether memory grows with the file."""
    tenth = file.with_suffix(".tenth.csv")
    rows = _shorten(file, tenth)
    _, tenth_mb = _measure(env, "manage.py", command, str(tenth), "--dry-run", "--partial")
    seconds, peak_mb = _measure(env, "manage.py", command, str(file))
    return Import(rows, seconds, peak_mb, tenth_mb)


def _shorten(file: Path, shorter: Path) -> int:
    """Write the first tenth of the lines to `shorter`; return how many lines the whole has under its header."""
    with file.open(encoding="utf-8", newline="") as source:
        lines = list(csv.reader(source))
    with shorter.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows(lines[: len(lines) // 10])
    return len(lines) - 1


def _measure(env: Environment, *words: str) -> tuple[float, float]:
    """Seconds and peak megabytes of one Python command."""
    began = time.perf_counter()
    child = subprocess.Popen([sys.executable, *words], cwd=BASE, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert child.stdout is not None
    said = child.stdout.read()
    child.stdout.close()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode != 0:
        raise RuntimeError(f"{' '.join(words)} failed:\n{said.decode()}")
    scale = 1024 if sys.platform.startswith("linux") else 1024 * 1024  # Linux counts kilobytes, macOS bytes
    return time.perf_counter() - began, used.ru_maxrss / scale
