"""Say how database, signer, mirror and published checkpoints stand to each other, what can be done about it, and do it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from portal.postgres.base import one
from portal.record import places, published, standing, state
from portal.record.appending import append, process_actor
from portal.record.models import Checkpoint, Fact
from portal.record.restoring import adopting, rolling, sharding
from portal.record.restoring.checking import check_all, check_mirror, check_rows
from portal.record.restoring.owning import guarded_again, rewriting
from portal.record.restoring.telling import hold_letters, tell_auditors
from portal.record.standing import Reason

RECORD = "record:restores"


class Way(StrEnum):
    NOTHING = "nothing has to be done"
    ROLL = "roll the database forward from the mirror"
    ADOPT = "take up the newest published checkpoint"
    CHECK = "check the whole record and the mirror, and go on if they agree"
    SHARD = "finish opening the new shard"


@dataclass(frozen=True, slots=True)
class Survey:
    """Where each keeper of the record stands, in sentences for the operator, and the way out of it."""

    trouble: standing.Trouble | None
    way: Way
    lines: list[str]


@dataclass(frozen=True, slots=True)
class Rolled:
    """What rolling forward did. `lost`: of each kind of fact, the subjects that other tables may know nothing of."""

    start: int
    to: int
    lost: dict[str, list[str]]
    held_back: int


def survey() -> Survey:
    """Look at everything, and write nothing."""
    trouble = standing.look()
    head = one("SELECT size, encode(root, 'hex') FROM record_treehead ORDER BY size DESC LIMIT 1") or (0, "")
    lines = [
        f"Database:   a tree of {head[0]} facts, root {head[1] or 'none'}; {Fact.objects.unsequenced().count()} more wait for their place.",
        f"Signer:     {_signer()}",
        f"Mirror:     {places.mirror().size()} leaves.",
        f"Published:  {_published()}",
    ]
    return Survey(trouble, _way(trouble), lines)


def roll_forward() -> Rolled:
    """Put back what the mirror has and the database has not. Raises Refused, Forked, Damaged; then all is as it was.

    As the owner and alone. The whole record is checked before anything is committed.
    """
    signed = state.Signed() if _way(standing.look()) is Way.ADOPT else state.read(places.state())
    to, root = (signed.size, signed.root) if signed.note else (places.mirror().size(), None)
    with standing.putting_right():
        with rewriting():
            made = rolling.plan(to=to, root=root)
            rolling.write(made)
            guarded_again()
            _publish(signed)
            held = hold_letters()
            facts = {"from": made.start, "to": made.to, "put_back": sum(map(len, made.lost.values()))}
            append(kind="record.rolled_forward", subject=RECORD, actor=process_actor("reconcile"), facts=facts)
            tell_auditors(
                f"record:rolled-forward:{made.start}:{made.to}",
                "The record was rolled forward",
                f"An older copy of the database was put back. {facts['put_back']} facts of the record were put back from its mirror. What "
                "other tables held since that copy was made is lost: whoever ran manage.py reconcile_record has the list.",
            )
            check_rows()
    return Rolled(made.start, made.to, made.lost, held)


def adopt() -> state.Signed:
    """Take up the newest published checkpoint for a signer that lost its state, once the mirror holds no more. Raises Refused."""
    signed = adopting.newest_signed()
    if places.mirror().size() > _size():
        roll_forward()
    else:
        check_mirror()
    adopting.adopt(signed)
    return signed


def check_and_go_on() -> None:
    """Take back `standing.halt` if the whole record agrees with itself, the tree's files and the mirror. Raises Refused."""
    check_all()
    signed, tiles = state.read(places.state()), places.tiles()
    if tiles.size() < signed.size or tiles.root(signed.size) != signed.root:
        tiles.cut(0)  # the signer makes them again from the database, and compares
    standing.resume()


def open_shard(*, why: str) -> int:
    """End the tree and begin the next, with every fact of the database in it; its size. Raises Refused."""
    ended = sharding.ending()
    sharding.keep_files(ended)
    with standing.putting_right():
        if not sharding.begun(ended):
            with rewriting():
                sharding.begin(ended, why=why)
                hold_letters()
                tell_auditors(
                    f"record:shard:{ended.number + 1}",
                    "A new shard of the record was opened",
                    f"The record could not be continued: {why}. Receipts from before stay good under the old name. Ask whoever runs the "
                    "portal what was lost.",
                )
                check_rows()
        state.put_right(places.state(), ended.following)
        standing.resume()
    return _size()


def _way(trouble: standing.Trouble | None) -> Way:
    if trouble is None:
        return Way.NOTHING
    if trouble.reason in (Reason.LOST, Reason.UNREADABLE):
        return Way.ADOPT
    if sharding.begun(sharding.ending()):
        return Way.SHARD
    return Way.CHECK if trouble.reason is Reason.HALTED else Way.ROLL


def _signer() -> str:
    try:
        signed = state.read(places.state())
    except state.Unreadable:
        return "its state cannot be read."
    if not places.state().exists():
        return "it has no state (signer.json is not there)."
    return f"shard {signed.shard}, signed {signed.size} facts, root {signed.root.hex()}."


def _published() -> str:
    newest = published.last()
    return f"{newest.size} facts, root {newest.root_hex}, in the database." if newest else "nothing, in the database."


def _size() -> int:
    head = one("SELECT size FROM record_treehead ORDER BY size DESC LIMIT 1")
    return head[0] if head else 0


def _publish(signed: state.Signed) -> None:
    """The signer's last checkpoint, which the older database has not heard of."""
    newest = published.last()
    if signed.note and (newest is None or newest.note != signed.note):
        Checkpoint(size=signed.size, root=signed.root, note=signed.note, signed_at=datetime.fromtimestamp(signed.at, UTC)).save()
