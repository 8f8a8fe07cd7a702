"""One part of `make tamper`, in a process and a database of its own: `python -m tests.tamper.job PART …`. Its answer is a line of JSON."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import psycopg


def main() -> None:
    part, *given = sys.argv[1:]
    import django

    django.setup()
    parts: dict[str, Callable[..., dict[str, Any]]] = {"attack": attack, "untouched": untouched, "fuzz": fuzz}
    answer = parts[part](*map(int, given))
    print(json.dumps(answer | {"cpu": time.process_time()}))


def attack(many: int, share: int, of: int, seed: int) -> dict[str, Any]:
    """Try the mutations of one share out of `of`, `many` in all."""
    from portal.record import published
    from tests.tamper import mutations, record, trying

    with _keeper() as keeper:
        held = record.build(keeper, seed)
    with psycopg.connect(os.environ["TAMPER_URL"], autocommit=True) as superuser:
        superuser.execute("SET synchronous_commit = off")
        trying.disarm(superuser)
        chosen = mutations.sample(mutations.all_of(superuser, seed), many)[share::of]
        tally = trying.attack(superuser, chosen, published.trusted_keys(), held)
    return {
        "tried": tally.tried, "nothing": tally.nothing, "signed": tally.signed, "rows": tally.rows, "exporter": tally.exporter,
        "missed": tally.missed, "codes": tally.codes, "kinds": len(record.kinds()), "operations": len({one.how for one in chosen}),
    }  # fmt: skip


def untouched(many: int, seed: int) -> dict[str, Any]:
    from portal.record.models import Fact
    from tests.tamper.untouched import false_alarms

    with _keeper() as keeper:
        alarms = list(false_alarms(keeper, many, seed))
    return {"exports": many, "alarms": alarms, "facts": Fact.objects.count()}


def fuzz(many: int, seed: int) -> dict[str, Any]:
    """Spoil receipts and statements; each has to be refused in words. Ends with the traceback of the first that is not."""
    from portal.record.verifier.tests.fuzzing import fuzz

    return {"fuzzed": many, "sentences": len(fuzz(many, seed))}


def _keeper() -> Any:
    from contextlib import closing

    from django.conf import settings

    from portal.record.keeping import Keeper

    return closing(Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN))


if __name__ == "__main__":
    main()
