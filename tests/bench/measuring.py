"""Measure a path and its floor by turns, so that whatever else the machine does meets both."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field

from tests.bench import load
from tests.bench.load import CONNECTIONS, Job, Outcome
from tests.bench.officers import FLOOR, REAL, Officers
from tests.bench.paths import Path
from tests.bench.web import Web, cpu_seconds


@dataclass
class Figures:
    """What the rounds of one server over one path come to."""

    requests: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    latencies: list[float] = field(default_factory=list)

    def add(self, outcome: Outcome, cpu: float) -> None:
        self.requests += len(outcome.latencies)
        self.seconds += outcome.seconds
        self.cpu += cpu * len(outcome.latencies) / max(outcome.used, 1)
        self.latencies += outcome.latencies

    @property
    def rate(self) -> float:
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def cpu_ms(self) -> float:
        return 1000 * self.cpu / max(self.requests, 1)

    def percentile_ms(self, share: float) -> float:
        ordered = sorted(self.latencies)
        return 1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)] if ordered else 0.0


@dataclass(frozen=True)
class Measured:
    """A path's figures and its floor's."""

    path: Path
    ours: Figures
    floor: Figures

    @property
    def ratio(self) -> float:
        return self.ours.rate / self.floor.rate

    @property
    def cpu_ratio(self) -> float:
        return self.floor.cpu_ms / self.ours.cpu_ms if self.ours.cpu_ms else 0.0


@dataclass
class Bench:
    """Both servers and the people signed in at each. `postmaster` is PostgreSQL's process."""

    portal: Web
    floor: Web
    postmaster: int
    seconds: float
    rounds: int
    warm: int = 2 * CONNECTIONS
    officers: Officers = field(default_factory=lambda: Officers(REAL))
    strangers: Officers = field(default_factory=lambda: Officers(FLOOR))

    def measure(self, path: Path) -> Measured:
        ours, theirs = Figures(), Figures()
        wanted = int(path.limit * self.seconds) + self.warm
        for _ in range(self.rounds):
            people, requests = path.make(self.officers, wanted)
            self._round(
                ours, self.portal, self.officers, people, Job(self.portal.port, requests, self.seconds, path.once, _status(path), self.warm)
            )
            self._floor_round(theirs, path, people)
        return Measured(path, ours, theirs)

    def _floor_round(self, figures: Figures, path: Path, people: list[uuid.UUID]) -> None:
        self.strangers.sign_in(people)
        words = {"words": "Something that an officer typed"}
        requests = [self.strangers.post(one, path.floor, words) if path.once else self.strangers.get(one, path.floor) for one in people]
        self._round(
            figures, self.floor, self.strangers, people, Job(self.floor.port, requests, self.seconds, False, _status(path), self.warm)
        )

    def _round(self, figures: Figures, web: Web, officers: Officers, people: list[uuid.UUID], job: Job) -> None:
        officers.warm(people)
        before = cpu_seconds(web.pid, self.postmaster)
        outcome = load.run(job)
        cpu = cpu_seconds(web.pid, self.postmaster) - before
        if outcome.wrong:
            raise RuntimeError(
                f"wrong answers {dict(outcome.wrong)} to {job.requests[0][:80]!r}:\n{outcome.sample[:3000].decode(errors='replace')}"
            )
        figures.add(outcome, cpu)


def _status(path: Path) -> int:
    return 302 if path.once else 200
