"""Processes that cost little to start and are killed without warning: forked from one that has read the whole portal."""

from __future__ import annotations

import os
import random
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection, connections

from portal.local.children import die_with_parent
from tests.faults.hands import HANDS, Hand


@dataclass
class Nursery:
    """`wanted`: how many of each kind run at once. The process that keeps it holds no connection while it forks."""

    wanted: dict[str, int]
    log: Path
    seed: int = 1
    born: int = 0
    killed: dict[str, int] = field(default_factory=dict)
    running: dict[int, str] = field(default_factory=dict)
    dying: set[int] = field(default_factory=set)

    def fill(self) -> None:
        """Start whoever is missing."""
        self._bury()
        alive = list(self.running.values())
        for kind, many in self.wanted.items():
            for _ in range(many - alive.count(kind)):
                self.running[self._fork(HANDS[kind])] = kind

    def kill(self, chance: random.Random) -> None:
        """Kill one at random, in the middle of whatever it does."""
        if self.running:
            pids = list(self.running)
            (pid,) = chance.choices(pids, [1 if self.running[pid] == "clock" else 2 for pid in pids])  # a clock lives twice as long
            kind = self.running.pop(pid)
            self.killed[kind] = self.killed.get(kind, 0) + 1
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
            self.dying.add(pid)  # giving its memory back takes longer than starting the next

    def kill_all(self) -> None:
        """Kill every one, and wait until all are gone."""
        chance = random.Random(0)
        while self.running:
            self.kill(chance)
        while self.dying:
            os.waitpid(self.dying.pop(), 0)

    @property
    def kills(self) -> int:
        return sum(self.killed.values())

    def _bury(self) -> None:
        for pid in [*self.running, *self.dying]:
            if os.waitpid(pid, os.WNOHANG)[0]:
                self.running.pop(pid, None)
                self.dying.discard(pid)

    def start(self, hand: Hand) -> int:
        """Fork one process that does `hand`; its number. It is killed with all the others."""
        pid = self._fork(hand)
        self.running[pid] = hand.__name__
        return pid

    def _fork(self, hand: Hand) -> int:
        connections.close_all()
        connection.close_pool()  # type: ignore[attr-defined]
        self.born += 1
        seed, die = self.seed * 1_000_003 + self.born, die_with_parent(signal.SIGKILL)
        pid = os.fork()
        if pid == 0:
            self._live(hand, seed, die)
        return pid

    def _live(self, hand: Hand, seed: int, die: object) -> None:
        try:
            if callable(die):
                die()
            os.nice(5)  # whoever kills must not queue behind those it kills
            out = os.open(self.log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
            os.dup2(out, 1)
            os.dup2(out, 2)
            random.seed(seed)
            hand(seed)
        except BaseException:  # noqa: BLE001 - the child ends here whatever happens; why is in the log
            traceback.print_exc(file=sys.stderr)
            sys.stderr.flush()
        finally:
            os._exit(1)
