"""An invented force, written as the two files that the portal imports.

The same numbers give the same bytes, and a larger force holds the smaller one whole: `make run` may be followed by `make run FORCE=full`.
"""

from __future__ import annotations

import csv
import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from devices import stock_file
from portal.demo.cast import CAST, DOMAIN, TEAM
from portal.people import directory
from portal.people.models import Kind, Rank

SMALL = (400, 260)  # people, handsets
FULL = (44_000, 29_000)
UNITS = ("CN", "AW", "CE", "AS", "EA", "NA", "NE", "NW", "SE", "SN", "SW", "WA", "MO7", "MO19", "RTPC", "MDET", "FHQ")


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words("""
Abena Adam Aisha Alex Amara Andrew Anya Asha Ben Blessing Caitlin Carlos Charlotte Dafydd David Destiny Ebony Edward
Elena Emma Esther Faisal Freya George Gita Harry Hassan Helena Huw Idris Ines Jack Jade Jorge Joseph Kate Khadija Kwame
Laila Layla Liam Lucia Luke Magda Malik Mark Mehmet Michael Min Molly Nia Nikhil Nora Oscar Paolo Poppy Rania Reuben
Rosie Rowan Sadia Sara Seren Simon Sunita Tamara Temi Tiana Toby Umar Vikram Will Xin Yemi Zara
""")
FAMILY = _words("""
Abbott Abdi Agarwal Akhtar Appiah Atkins Baker Balogun Barnes Bhatt Bishop Boateng Bradley Burke Carter Chan Chaudhry
Cole Costa Dawson Desai Dixon Doyle Dunn Ellis Eze Farrell Fisher Fletcher Gill Goldberg Graham Grant Gupta Hayes Hill
Holmes Hopkins Howard Iqbal Jenkins Joshi Kaya Kennedy Lawson Lewandowski Lopez Marsh Mason Mbeki Miah Miller Moore Nair
Nash O'Connor O'Doherty Obi Olsen Page Payne Pham Powell Qureshi Ramirez Rees Richards Rose Ryan Santos Sesay Simmons
Stone Sutton Tan Townsend Uddin Vasquez Webb West Xu Yusuf Zhang
""")
MODELS = ("SM-A346B", "SM-A356B", "SM-G556B")


@dataclass
class Force:
    """A force being made up, person by person."""

    rng: random.Random
    rows: list[list[str]] = field(default_factory=list)
    taken: Counter[str] = field(default_factory=Counter)
    last_number: int = 180_000

    def add(self, kind: Kind, rank: Rank, unit: str, manager: str) -> str:
        """Invent somebody and return their number."""
        self.last_number += self.rng.randint(1, 4)
        number = f"P{self.last_number}" if kind in (Kind.STAFF, Kind.PCSO) else str(self.last_number)
        first, last = self.rng.choice(GIVEN), self.rng.choice(FAMILY)
        label = rank.label if rank else ""
        self.rows.append([number, kind, label, first, last, self.address(first, last), unit, manager, "yes"])
        return number

    def address(self, first: str, last: str) -> str:
        plain = unicodedata.normalize("NFKD", f"{first}.{last}".lower()).encode("ascii", "ignore").decode().replace("'", "")
        self.taken[plain] += 1
        count = self.taken[plain]
        return f"{plain}{count if count > 1 else ''}@{DOMAIN}"

    def officers(self, count: int, rank: Rank, unit: str, managers: Sequence[str]) -> list[str]:
        return [self.add(Kind.OFFICER, rank, unit, self.rng.choice(managers)) for _ in range(count)]

    def staff_unit(self, unit: str, size: int, chief: str) -> None:
        """Fill a unit with `size` people under `chief`: about one sergeant to nine people, one inspector to forty-five."""
        before = len(self.rows)
        supers = self.officers(max(1, size // 700), Rank.SUPERINTENDENT, unit, [chief])
        chief_inspectors = self.officers(max(1, size // 350), Rank.CHIEF_INSPECTOR, unit, supers)
        inspectors = self.officers(max(1, size // 45), Rank.INSPECTOR, unit, chief_inspectors)
        sergeants = self.officers(max(2, size // 9), Rank.SERGEANT, unit, inspectors)
        for place in range(size - (len(self.rows) - before)):
            kind = _kind(place)
            rank = Rank.CONSTABLE if kind in (Kind.OFFICER, Kind.SPECIAL) else Rank.NONE
            self.add(kind, rank, unit, self.rng.choice(sergeants))


def _kind(place: int) -> Kind:
    if place % 4 == 3:
        return Kind.STAFF
    if place % 40 == 6:
        return Kind.PCSO
    return Kind.SPECIAL if place % 25 == 10 else Kind.OFFICER


def people(count: int, seed: int = 1) -> list[list[str]]:
    """Lines of a directory of `count` people, the cast and their team first. What `SMALL` holds begins every larger force."""
    force = Force(random.Random(seed))  # noqa: S311 - invented people, not secrets
    force.rows = [character.row for character in [*CAST, *TEAM]]
    chiefs = {"CN": "101006"}
    for unit in UNITS[1:]:
        chiefs[unit] = force.add(Kind.OFFICER, Rank.CHIEF_SUPERINTENDENT, unit, "")
    for total in sorted({min(SMALL[0], count), count}):
        for unit, size in zip(UNITS, _shares(total - len(force.rows)), strict=True):
            force.staff_unit(unit, size, chiefs[unit])
    return force.rows


def _shares(total: int) -> list[int]:
    each, left = divmod(max(0, total), len(UNITS))
    return [each + (place < left) for place in range(len(UNITS))]


def handsets(count: int, force: Iterable[list[str]]) -> Iterator[list[str]]:
    """Lines of a stock file: handsets allotted to constables, sergeants and inspectors in turn, every twentieth left in stock."""
    able = {Rank.CONSTABLE.label, Rank.SERGEANT.label, Rank.INSPECTOR.label, Rank.CHIEF_INSPECTOR.label}
    holders = iter([row[0] for row in force if row[2] in able])
    for place in range(count):
        rng = random.Random(place)  # noqa: S311
        body = f"35{rng.randrange(10**6):06d}{place:06d}"
        holder = "" if place % 20 == 19 else next(holders, "")
        serial = f"R5C{rng.randrange(36**5):08X}"
        phone = f"07700 900{place % 1000:03d}"  # the range kept for fiction, so it repeats
        yield [f"MPS-{place + 1:06d}", body + check_digit(body), serial, rng.choice(MODELS), phone, f"{rng.getrandbits(128):032x}", holder]


def check_digit(body: str) -> str:
    """The Luhn digit that completes an IMEI."""
    doubled = [int(digit) * (2 - place % 2) for place, digit in enumerate(reversed(body))]
    return str(-sum(value // 10 + value % 10 for value in doubled) % 10)


def write(folder: Path, size: tuple[int, int]) -> tuple[Path, Path]:
    """Write directory.csv and handsets.csv for `size` people and handsets; return their paths."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = people(size[0])
    paths = folder / "directory.csv", folder / "handsets.csv"
    _write(paths[0], directory.COLUMNS, rows)
    _write(paths[1], stock_file.COLUMNS, handsets(size[1], rows))
    return paths


def _write(path: Path, header: Sequence[str], rows: Iterable[list[str]]) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)
