"""Keeping processes running: each is started again when it ends by itself, later and later while it keeps failing."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from portal.local import children
from portal.local.state import BASE

FIRST_PAUSE = 1.0
LONGEST_PAUSE = 30.0
STEADY_SECONDS = 60.0


@dataclass(kw_only=True)
class Process:
    """One process the portal is made of. `launch` starts it; `ends_with` is the signal it stops on; the others need a `server`."""

    name: str
    log: Path
    launch: Callable[[], subprocess.Popen[bytes]]
    ends_with: signal.Signals = signal.SIGTERM
    server: bool = False
    child: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    started_at: float = 0.0
    start_at: float = 0.0
    pause: float = FIRST_PAUSE / 2

    def start(self, at: float) -> None:
        self.child = self.launch()
        self.started_at = at

    def take(self, child: subprocess.Popen[bytes]) -> None:
        """Take charge of a process that something else started."""
        self.child, self.started_at = child, time.monotonic()

    def look(self, at: float) -> str | None:
        """Start the process again if its time has come; a sentence if it has just ended."""
        if self.child is None:
            if at >= self.start_at:
                self.start(at)
            return None
        code = self.child.poll()
        return None if code is None else self._ended(code, at)

    def ask_to_end(self) -> None:
        if self.child is not None and self.child.poll() is None:
            self.child.send_signal(self.ends_with)

    def see_off(self) -> None:
        """Wait for the end that was asked for, a while; then end it and whatever it left."""
        if self.child is not None:
            children.wait(self.child)
            self.child = None

    def _ended(self, code: int, at: float) -> str:
        if self.child is not None:
            children.end_group(self.child.pid)
        self.child = None
        steady = at - self.started_at > STEADY_SECONDS
        self.pause = FIRST_PAUSE if steady else min(self.pause * 2, LONGEST_PAUSE)
        self.start_at = at + self.pause
        how = f"was ended by signal {-code}" if code < 0 else f"ended with code {code}"
        return f"The {self.name} {how}. Starting it again in {self.pause:.0f} s. Its log: {self.log}\n{last_lines(self.log, 5)}".rstrip()


def program(name: str, command: list[str], *, log: Path, env: Mapping[str, str]) -> Process:
    """A process of the portal itself, run from the project's directory."""
    children.fresh_log(log)
    return Process(name=name, log=log, launch=lambda: children.spawn(command, log=log, env=env, cwd=BASE))


class Supervisor:
    """Runs processes until asked to stop, then stops them in the opposite order."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self.processes: list[Process] = []
        self.say = say
        self.stopping = False

    def adopt(self, process: Process) -> None:
        """Take charge of a process that something else starts."""
        self.processes.append(process)

    def start(self, process: Process) -> None:
        process.start(time.monotonic())
        self.processes.append(process)

    def look(self) -> None:
        for process in self.processes:
            if sentence := process.look(time.monotonic()):
                self.say(sentence)

    def run(self) -> None:
        while not self.stopping:
            self.look()
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop the programs, all at once, then the servers: a worker's last words still need them."""
        self.stopping = True
        for server in (False, True):
            running = [process for process in self.processes if process.server is server and process.child is not None]
            for process in running:
                process.ask_to_end()
            for process in running:
                process.see_off()


def last_lines(path: Path, count: int) -> str:
    if not path.exists():
        return ""
    with path.open("rb") as log:
        log.seek(max(0, path.stat().st_size - 4_000))
        return "\n".join(f"    {line}" for line in log.read().decode(errors="replace").splitlines()[-count:])
