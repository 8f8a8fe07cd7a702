"""The run of `make faults` in small, on the servers that the environment names: kills and races, and no crash of PostgreSQL."""

from __future__ import annotations

import argparse
import os
import sys


def main() -> int:
    words = argparse.ArgumentParser(prog="python -m tests.faults.small")
    for name in ("kills", "deadlines", "races", "seed"):
        words.add_argument(f"--{name}", type=int, required=True)
    options = words.parse_args()
    os.environ["FAULTS_REPORTS"] = str(2 * options.deadlines)
    import django

    django.setup()
    from tests.faults import whole

    return 0 if whole.small(options) else 1


if __name__ == "__main__":
    sys.exit(main())
