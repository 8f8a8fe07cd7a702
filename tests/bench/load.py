"""The load client: keeps a number of connections busy with requests made beforehand. Runs as a process of its own.

Reads one pickled `Job` from standard input and writes one pickled `Outcome` to standard output.
"""

from __future__ import annotations

import asyncio
import pickle
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle

CONNECTIONS = 32


@dataclass(frozen=True)
class Job:
    """requests: whole HTTP requests, as bytes. once: send each at most once, else round and round. expected: the status all must have."""

    port: int
    requests: list[bytes]
    seconds: float
    once: bool
    expected: int
    warm: int = 64


@dataclass
class Outcome:
    """used: how many requests were taken from the job, warm-up included. wrong: answers with another status, by status."""

    seconds: float = 0.0
    used: int = 0
    latencies: list[float] = field(default_factory=list)
    wrong: Counter[int] = field(default_factory=Counter)
    sample: bytes = b""  # one wrong answer, to look at


class Connection(asyncio.Protocol):
    """One connection with one request under way."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.transport: asyncio.Transport | None = None
        self.sent_at = 0.0
        self.received = bytearray()
        self.missing: int | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.send()

    def send(self) -> None:
        assert self.transport is not None
        request = self.client.next_request()
        if request is None:
            self.transport.close()
            return
        self.received.clear()
        self.missing = None
        self.sent_at = time.perf_counter()
        self.transport.write(request)

    def data_received(self, data: bytes) -> None:
        self.received += data
        if self.missing is None:
            head, blank, _ = self.received.partition(b"\r\n\r\n")
            if not blank:
                return
            self.missing = len(head) + 4 + _length(head.lower())
        if len(self.received) >= self.missing:
            self.client.answered(self.received, time.perf_counter() - self.sent_at)
            self.send()

    def connection_lost(self, exc: Exception | None) -> None:
        self.client.closed(self.missing is not None and len(self.received) < self.missing)


def _length(head: bytes | bytearray) -> int:
    """Granian answers with a length, as every view here has its whole page."""
    place = head.find(b"content-length:")
    return int(head[place + 15 :].split(b"\r\n", 1)[0]) if place >= 0 else 0


class Client:
    """All connections of one round."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.source: Iterator[bytes] = iter(job.requests) if job.once else cycle(job.requests)
        self.outcome = Outcome()
        self.counting, self.began = False, 0.0
        self.stop_at = float("inf")
        self.left = 0
        self.done: asyncio.Event = asyncio.Event()

    async def run(self) -> Outcome:
        loop = asyncio.get_running_loop()
        self.left = CONNECTIONS
        for _ in range(CONNECTIONS):
            await loop.create_connection(lambda: Connection(self), "127.0.0.1", self.job.port)
        await self.done.wait()
        return self.outcome

    def next_request(self) -> bytes | None:
        if time.perf_counter() >= self.stop_at:
            return None
        request = next(self.source, None)
        self.outcome.used += request is not None
        return request

    def answered(self, answer: bytearray, seconds: float) -> None:
        status = int(answer[9:12])
        if status != self.job.expected:
            self.outcome.wrong[status] += 1
            self.outcome.sample = bytes(answer)
        if self.counting:
            self.outcome.latencies.append(seconds)
            self.outcome.seconds = time.perf_counter() - self.began
        elif self.outcome.used >= self.job.warm:
            self.counting, self.began = True, time.perf_counter()
            self.stop_at = self.began + self.job.seconds

    def closed(self, broken: bool) -> None:
        if broken:
            self.outcome.wrong[0] += 1
        self.left -= 1
        if not self.left:
            self.done.set()


def run(job: Job) -> Outcome:
    """Run one round in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-c", "from tests.bench.load import answer_parent; answer_parent()"],
        input=pickle.dumps(job),
        capture_output=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"The load client failed:\n{done.stderr.decode()}")
    outcome: Outcome = pickle.loads(done.stdout)  # noqa: S301 - our own child
    return outcome


def answer_parent() -> None:
    """What the child process does."""
    job: Job = pickle.loads(sys.stdin.buffer.read())  # noqa: S301 - our own parent
    outcome = asyncio.run(_drive(job))
    sys.stdout.buffer.write(pickle.dumps(outcome))


async def _drive(job: Job) -> Outcome:
    return await Client(job).run()
