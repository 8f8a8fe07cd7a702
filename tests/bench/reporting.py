"""Print the figures, and keep them in docs/bench.md."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.bench.force import Import
from tests.bench.ground import BASE
from tests.bench.lapses import Lapses
from tests.bench.measuring import Measured
from tests.bench.record import Figures

HEAD = (
    f"\n{'path':<14} {'req/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'cpu ms':>7}   "
    f"{'floor':>7} {'p50':>6} {'p95':>6} {'cpu':>6}   {'ratio':>6} {'by cpu':>6}  aim"
)
LAPSES_AIM = 5_000
LOOK_AIM_MS = 5.0
IMPORT_AIMS = {"people": 10.0, "handsets": 5.0}


def line(one: Measured) -> str:
    ours, floor = one.ours, one.floor
    return (
        f"{one.path.name:<14} {ours.rate:>7.0f} {ours.percentile_ms(0.5):>7.1f} {ours.percentile_ms(0.95):>7.1f} {ours.cpu_ms:>7.2f}   "
        f"{floor.rate:>7.0f} {floor.percentile_ms(0.5):>6.1f} {floor.percentile_ms(0.95):>6.1f} {floor.cpu_ms:>6.2f}   "
        f"{one.ratio:>6.0%} {one.cpu_ratio:>6.0%}  {one.path.aim:.0%} {_met(one.ratio >= one.path.aim)}"
    )


def _met(is_met: bool) -> str:
    return "met" if is_met else "MISSED"


@dataclass
class Report:
    imports: dict[str, Import] = field(default_factory=dict)
    paths: list[Measured] = field(default_factory=list)
    lapses: Lapses | None = None
    record: Figures | None = None

    def import_lines(self) -> str:
        return "\n".join(
            f"import of {one.rows:,} {name}: {one.seconds:.1f} s "
            f"(aim {IMPORT_AIMS[name]:.0f} s: {_met(one.seconds <= IMPORT_AIMS[name])}), at most "
            f"{one.peak_mb:.0f} MB ({one.tenth_mb:.0f} MB for a tenth of it)"
            for name, one in self.imports.items()
        )

    def lapse_lines(self) -> str:
        if self.lapses is None:
            return ""
        found = self.lapses
        looks = sorted(found.looks_ms)
        middle, slow = looks[len(looks) // 2], looks[int(len(looks) * 0.95)]
        return "\n".join(
            [
                (
                    f"\nlapses: {found.clock.rate:,.0f} a second by one clock (aim {LAPSES_AIM:,}: {_met(found.clock.rate >= LAPSES_AIM)}; "
                    f"{found.clock.cpu()}), {found.two.rate:,.0f} by two ({found.two.cpu()}), {found.alone.rate:,.0f} by one sweeper alone"
                ),
                (
                    f"  one SQL statement without facts and notices: {found.floor.rate:,.0f} a second ({found.floor.cpu()}); "
                    f"ratio {found.clock.rate / found.floor.rate:.0%}"
                ),
                (
                    f"  among {found.open:,} open reports: {found.large.rate:,.0f} a second; the statement {found.large_floor.rate:,.0f}; "
                    f"the sweep's own query, with nothing due: {middle:.2f} ms, at the 95th percentile {slow:.2f} "
                    f"(aim {LOOK_AIM_MS:.0f}: {_met(slow < LOOK_AIM_MS)})"
                ),
                *(f"    {line}" for line in found.plan.splitlines()[:12]),
            ]
        )

    def shapes(self) -> str:
        lines = [f"  {one.path.name}: {one.path.shape}" for one in self.paths]
        return "\n".join(
            ["\nWhat each floor does after loading session and user and checking CSRF, with plain Django in one transaction:", *lines]
        )

    def write(self) -> None:
        body = "\n".join(
            [
                self.import_lines(),
                HEAD,
                *(line(one) for one in self.paths),
                self.lapse_lines(),
                self.record.lines() if self.record else "",
                self.shapes(),
            ]
        )
        page = (BASE / "docs" / "bench.md").read_text().split("```text")[0]
        machine = f"{os.cpu_count()} cores, {platform.machine()}, Python {platform.python_version()}, {datetime.now(UTC):%d %B %Y}"
        (BASE / "docs" / "bench.md").write_text(f"{page}```text\n{machine}\n{body}\n```\n")
