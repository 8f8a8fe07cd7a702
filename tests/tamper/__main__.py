"""`make tamper`, or `python -m tests.tamper [--mutations N] [--exports N] [--fuzz N] [--seed N]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psycopg

from portal.local import roles
from portal.local.postgres import SUPERUSER
from portal.local.scratch import with_database
from tests.bench.ground import BASE, servers

AT_ONCE = 2
MUTATIONS, EXPORTS = 12_000, 1_000
TRIED = 10_000  # of the mutations that are asked for, some change nothing and are not tried
Answer = dict[str, Any]


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.tamper", description="Tamper with the record and see whether an export shows it.")
    words.add_argument("--mutations", type=int, default=MUTATIONS)
    words.add_argument("--exports", type=int, default=EXPORTS, help="exports that nobody touched")
    words.add_argument("--fuzz", type=int, default=100_000, help="broken receipts and statements")
    words.add_argument("--seed", type=int, default=1)
    options = words.parse_args()
    began = time.monotonic()
    seed, half = str(options.seed), str(options.exports // AT_ONCE)
    jobs = [["attack", str(options.mutations), str(share), str(AT_ONCE), seed] for share in range(AT_ONCE)]
    jobs += [["untouched", half, str(options.seed + share)] for share in range(AT_ONCE)]
    jobs += [["fuzz", str(options.fuzz // AT_ONCE), str(options.seed + share)] for share in range(AT_ONCE)]
    with servers() as env, ThreadPoolExecutor(AT_ONCE) as pool:
        answers = list(pool.map(lambda numbered: _run(env, *numbered), enumerate(jobs)))
    good = told(answers) and enough(answers, options)
    cpu = sum(one["cpu"] for one in answers)
    print(f"It took {time.monotonic() - began:.0f} s, and {cpu:.0f} s of processor time besides PostgreSQL’s.")
    return 0 if good else 1


def told(answers: Sequence[Answer]) -> bool:
    """Print the figures; whether they are what they must be: nothing missed, nothing found by the exporter's own word alone, no alarm."""
    attacks, calm = [one for one in answers if "tried" in one], [one for one in answers if "exports" in one]
    tried, missed = sum(one["tried"] for one in attacks), [miss for one in attacks for miss in one["missed"]]
    exports, alarms = sum(one["exports"] for one in calm), [alarm for one in calm for alarm in one["alarms"]]
    kinds, ways = max(one["kinds"] for one in attacks), max(one["operations"] for one in attacks)
    print(f"Found {tried - len(missed):,} of {tried:,} mutations ({ways} operations, {kinds} kinds of fact).")
    signed, rows = sum(one["signed"] for one in attacks), sum(one["rows"] for one in attacks)
    print(f"  by the verifier alone, from an export and one earlier receipt: {signed + rows:,}")
    print(f"    in leaves, checkpoints and the receipt: {signed:,}; in the rows beside the leaves: {rows:,}")
    print(f"  only by what the exporter had compared itself: {sum(len(one['exporter']) for one in attacks):,}")
    for one in (one for attack in attacks for one in attack["exporter"]):
        print(f"    {one}")
    for miss in missed:
        print(f"  missed: {miss}")
    for code, many in sorted(_added(attacks).items(), key=lambda pair: -pair[1]):
        print(f"  {many:>7,} {code}")
    print(f"Raised {len(alarms):,} false alarms over {exports:,} untouched exports, of up to {max(one['facts'] for one in calm):,} facts.")
    for alarm in alarms:
        print(f"  false alarm: {alarm}")
    fuzzed = [one for one in answers if "fuzzed" in one]
    many, sentences = sum(one["fuzzed"] for one in fuzzed), max(one["sentences"] for one in fuzzed)
    print(f"Accepted 0 of {many:,} spoilt receipts and statements, refused with {sentences} different sentences.")
    return bool(tried) and not missed and not alarms and not any(one["exporter"] for one in attacks)


def enough(answers: Sequence[Answer], options: argparse.Namespace) -> bool:
    """Whether a run that was asked for all of it tried as much as it stands for. One that was asked for less stands for nothing more."""
    tried, exports = sum(one.get("tried", 0) for one in answers), sum(one.get("exports", 0) for one in answers)
    short = [
        f"{done:,} {what}, not {aim:,}"
        for asked, full, done, aim, what in (
            (options.mutations, MUTATIONS, tried, TRIED, "mutations were tried"),
            (options.exports, EXPORTS, exports, EXPORTS, "untouched exports were made"),
        )
        if asked >= full and done < aim
    ]
    for one in short:
        print(f"TOO FEW: {one}.")
    return not short


def _added(attacks: Sequence[Answer]) -> dict[str, int]:
    """How many mutations each sentence of the verifier found."""
    sums: dict[str, int] = {}
    for one in attacks:
        for code, many in one["codes"].items():
            sums[code] = sums.get(code, 0) + many
    return sums


def _run(env: Mapping[str, str], number: int, job: list[str]) -> Answer:
    """Run a job with a database and a state of its own."""
    name, home = f"tamper_{number}", Path(env["STATE_DIR"]) / f"tamper-{number}"
    superuser = env["DATABASE_OWNER_URL"].replace(f"{roles.OWNER}@", f"{SUPERUSER}@")
    with psycopg.connect(with_database(superuser, "postgres"), autocommit=True) as connection:
        template = env["DATABASE_URL"].rpartition("/")[2]
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
    own = {url: with_database(env[url], name) for url in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_SEQUENCER_URL")}
    own |= {"STATE_DIR": str(home), "RECORD_DIR": str(home / "record"), "TAMPER_URL": with_database(superuser, name)}
    home.mkdir()
    command = [sys.executable, "-m", "tests.tamper.job", *job]
    done = subprocess.run(command, cwd=BASE, env={**os.environ, **env, **own}, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(job)} failed:\n{done.stdout}\n{done.stderr}")
    answer: Answer = json.loads(done.stdout.splitlines()[-1])
    return answer


if __name__ == "__main__":
    sys.exit(main())
