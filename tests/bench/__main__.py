"""`make bench`, or `python -m tests.bench [--quick] [--only PATH …] [--write]`."""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

from tests.bench.ground import servers


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.bench", description="Measure this machine.")
    arguments.add_argument("--quick", action="store_true", help="a tenth of the force and short rounds: to see that it works")
    arguments.add_argument("--only", nargs="*", help="measure these paths alone, such as: send 'front page' lapses")
    arguments.add_argument("--directory", type=Path, help="a directory file to load instead of the generated one")
    arguments.add_argument("--handsets", type=Path, help="a handset file to load instead of the generated one")
    arguments.add_argument("--seconds", type=float, default=0.0, help="length of a round")
    arguments.add_argument("--write", action="store_true", help="keep the figures in docs/bench.md")
    options = arguments.parse_args()
    began = time.monotonic()
    with servers() as env:
        os.environ.update(env)
        import django

        django.setup()
        from tests.bench.whole import run

        run(env, options)
    print(f"\nThe whole took {time.monotonic() - began:.0f} s.")


if __name__ == "__main__":
    main()
