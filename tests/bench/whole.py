"""The whole run: load the force, fill the portal, serve it beside its floor, measure, report."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path as FilePath

from portal.demo.force import write
from tests.bench import force, lapses, record, reporting, rows
from tests.bench.measuring import Bench
from tests.bench.paths import PATHS
from tests.bench.web import postmaster, serving

QUICK = rows.Volume(acknowledged=1_500, claimed=1_000, reports=600)
FULL_SIZE, QUICK_SIZE = (44_000, 29_000), (4_400, 2_900)
SECONDS, ROUNDS = 3.0, 2


def run(env: Mapping[str, str], options: argparse.Namespace) -> None:
    report = reporting.Report()
    home = FilePath(env["STATE_DIR"])
    directory, handsets = files(home, options)
    report.imports = {
        "people": force.load(env, command="import_directory", file=directory),
        "handsets": force.load(env, command="import_handsets", file=handsets),
    }
    print(report.import_lines(), flush=True)
    rows.fill(QUICK if options.quick else rows.Volume())
    with ExitStack() as stack:
        portal = stack.enter_context(serving("portal.wsgi:application", env, home / "portal.log"))
        bare_env = {**env, "DJANGO_SETTINGS_MODULE": "tests.bench.floor_settings"}
        bare = stack.enter_context(serving("tests.bench.floor_wsgi:application", bare_env, home / "floor.log"))
        seconds = options.seconds or (1.0 if options.quick else SECONDS)
        bench = Bench(portal, bare, postmaster(env["DATABASE_OWNER_URL"]), seconds, ROUNDS)
        print(reporting.HEAD, flush=True)
        for name, make in PATHS.items():
            if options.only and name not in options.only:
                continue
            report.paths.append(bench.measure(make()))
            print(reporting.line(report.paths[-1]), flush=True)
    if not options.only or "lapses" in options.only:
        report.lapses = lapses.measure(1_000, 1, 10_000) if options.quick else lapses.measure(10_000, ROUNDS)
        print(report.lapse_lines(), flush=True)
    if record.only(options.only):
        report.record = record.measure(options.quick)
        print(report.record.lines(), flush=True)
    print(report.shapes(), flush=True)
    if options.write:
        report.write()


def files(home: FilePath, options: argparse.Namespace) -> tuple[FilePath, FilePath]:
    """The project's own made-up force, or the files that were given."""
    if options.directory and options.handsets:
        return options.directory, options.handsets
    folder = home / "force"
    folder.mkdir()
    return write(folder, QUICK_SIZE if options.quick else FULL_SIZE)
