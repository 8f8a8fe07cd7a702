"""Print the figures, and keep them in docs/bench.md."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass, field
from datetime import UTC, datetime

from tests.bench.force import Import
from tests.bench.ground import BASE
from tests.bench.measuring import Measured
from tests.bench.record import Figures

HEAD = (
    f"\n{'path':<14} {'req/s':>7} {'p50 ms':>7} {'p95 ms':>7} {'cpu ms':>7}   "
    f"{'floor':>7} {'p50':>6} {'p95':>6} {'cpu':>6}   {'ratio':>6} {'by cpu':>6}  aim"
)
LAPSES_AIM = 5_000
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
    lapses: tuple[list[float], list[float]] | None = None
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
        ours, theirs = (sum(rates) / len(rates) for rates in self.lapses)
        return (
            f"\nlapses: {ours:,.0f} a second (aim {LAPSES_AIM:,}: {_met(ours >= LAPSES_AIM)}); "
            f"one SQL statement without facts and notices: {theirs:,.0f} a second; ratio {ours / theirs:.0%}"
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
