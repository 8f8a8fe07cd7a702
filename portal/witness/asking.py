"""Ask witnesses to cosign a checkpoint (c2sp.org/tlog-witness@v1.0.0) and keep what they sign, once it is found good.

Each is asked in a thread of its own: one that is away or slow holds up neither another nor the clock, and none of them publishing.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

import psycopg
from django.conf import settings
from psycopg import Connection

from portal.record import places, published, standing
from portal.record.checkpoints import Checkpoint as Head
from portal.record.checkpoints import parse_signed
from portal.record.models import Checkpoint
from portal.record.notes import BadNote, Key, Line, Note, check_line, parse_lines
from portal.record.tiles import Tiles
from portal.witness.models import Standing
from portal.witness.policy import NOBODY, Listed, Policy
from portal.witness.posting import NoReply, Reply, post
from portal.witness.standing import Outcome, configured, known_sizes, note_outcomes
from portal.witness.submission import SIZE_TYPE, Submission, parse_size
from portal.witness.telling import tell_of_quorum

log = logging.getLogger(__name__)
EXCHANGE_SECONDS = 4.0  # for one request, however small the pieces of its answer
ROUND_SECONDS = 2 * EXCHANGE_SECONDS + 1  # a witness is asked at most twice in a round
CLOCK_SECONDS = 600  # how far the time of a cosignature may be from ours
KEEP = "INSERT INTO record_cosignature (checkpoint_id, witness, line, at) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING"
COSIGNED = "SELECT witness FROM record_cosignature WHERE checkpoint_id = %s"
GREW = "SELECT 1 FROM record_checkpoint WHERE size >= %s AND starts_with(note, %s) LIMIT 1"


class Refused(Exception):
    """The witness did not cosign. `alert`: an honest witness of an honest log would not have answered so. `ahead`: a size above ours."""

    def __init__(self, text: str, *, alert: bool = False, ahead: int = 0) -> None:
        super().__init__(text)
        self.alert, self.ahead = alert, ahead


@dataclass(frozen=True, slots=True)
class Answer:
    """What one witness answered: a good signature line with the time it says, in seconds since 1970, or why there is none."""

    witness: Listed
    line: Line | None = None
    at: int = 0
    trouble: str = ""
    alert: bool = False
    ahead: int = 0


def run_once() -> int:
    """Ask the witnesses about the newest checkpoint; how many cosignatures were kept. Raises what the database and the policy raise.

    The first round is the clock's first act: an older record that came with its own signer's state is found by it.
    """
    policy = configured()
    if not any(witness.url for witness in policy.witnesses.values()) or (checkpoint := published.newest()) is None:
        return 0
    origin = checkpoint.note.partition("\n")[0]
    with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True, connect_timeout=5) as connection:
        outcomes = ask_all(connection, places.tiles(), policy, checkpoint, known=known_sizes(origin))
    note_outcomes(outcomes, kind=Standing.Kind.WITNESS, origin=origin)
    tell_of_quorum(policy)
    _stop_if_older(policy, outcomes)
    return sum(not outcome.trouble for outcome in outcomes)


def ask_all(
    connection: Connection[Any], tiles: Tiles, policy: Policy, checkpoint: Checkpoint, *, known: Mapping[str, int] | None = None
) -> list[Outcome]:
    """Ask every witness that has an address and has not cosigned this checkpoint; what came of each.

    `connection` is the sequencer role's, in autocommit: each cosignature is kept as it comes in. `known`: the size each witness is
    thought to have cosigned last, by the name of its key; a wrong one costs a second request. Takes at most `ROUND_SECONDS`.
    """
    head, note = parse_signed(checkpoint.note)
    done = {row[0] for row in connection.execute(COSIGNED, [checkpoint.pk])}
    asked = [witness for witness in policy.witnesses.values() if witness.url and witness.key.name not in done]
    outcomes: dict[str, Outcome] = {}
    for answer in _answers(asked, tiles, head, note, known or {}):
        outcomes[answer.witness.key.name] = _keep(connection, checkpoint, head, answer)
    names = [witness.key.name for witness in asked]
    return [outcomes.get(name) or Outcome(name, trouble="it did not answer in time") for name in names]


def _stop_if_older(policy: Policy, outcomes: Sequence[Outcome]) -> None:
    """Make the portal read-only where as many witnesses as the policy counts on have cosigned more than the record holds.

    One alone must not be able to: the size is its bare claim.
    """
    ahead = {outcome.name: outcome.ahead for outcome in outcomes if outcome.ahead}
    if policy.quorum != NOBODY and policy.satisfied([one.name for one in policy.witnesses.values() if one.key.name in ahead]):
        sizes = ", ".join(f"{name} {size}" for name, size in sorted(ahead.items()))
        standing.halt(f"the witnesses have cosigned larger trees than the record holds ({sizes}): an older record was put back")


def ask(witness: Listed, tiles: Tiles, head: Head, note: Note, *, old: int) -> tuple[Line, int]:
    """One witness's cosignature of a checkpoint and its time, in seconds since 1970, found good. Raises Refused and NoReply."""
    reply = _submit(witness, tiles, head, note, old)
    size = _size(reply)
    if size is not None and size > head.size:
        text = f"it has cosigned a tree of {size} facts, and this one has {head.size}: an older record may have been put back"
        raise Refused(text, alert=True, ahead=size)
    if size is not None and size != old:
        reply = _submit(witness, tiles, head, note, size)
        if _size(reply) not in (None, size):
            raise Refused("it was asked by somebody else meanwhile")
    if reply.status != 200:
        raise _refusal(reply)
    return read_cosignature(reply.body, note, witness.key, now=time.time())


def read_cosignature(body: bytes, note: Note, key: Key, *, now: float) -> tuple[Line, int]:
    """The latest line by `key` in an answer, with its time. Raises Refused where it is not what the text prescribes."""
    try:
        lines = [line for line in parse_lines(body.decode()) if (line.name, line.key_id) == (key.name, key.key_id)]
        timed = [(check_line(note.text, line, key) or 0, line) for line in lines]
    except (BadNote, UnicodeDecodeError) as error:
        raise Refused("it answered with something that is not its signature of this checkpoint", alert=True) from error
    if not timed:
        raise Refused("it answered without a signature by the key that the policy has", alert=True)
    at, line = max(timed, key=lambda pair: pair[0])
    if abs(at - now) > CLOCK_SECONDS:
        raise Refused("its signature says a time more than ten minutes from ours", alert=True)
    return line, at


def _answers(asked: Sequence[Listed], tiles: Tiles, head: Head, note: Note, known: Mapping[str, int]) -> Iterator[Answer]:
    """Ask them all at once; answers as they come in, until all have or `ROUND_SECONDS` are over."""
    answers = SimpleQueue[Answer]()
    for witness in asked:
        old = min(known.get(witness.key.name, 0), head.size)
        Thread(target=lambda *words: answers.put(_ask(*words)), args=(witness, tiles, head, note, old), daemon=True).start()
    until = time.monotonic() + ROUND_SECONDS
    for _ in asked:
        try:
            yield answers.get(timeout=max(0.0, until - time.monotonic()))
        except Empty:
            return


def _ask(witness: Listed, tiles: Tiles, head: Head, note: Note, old: int) -> Answer:
    try:
        line, at = ask(witness, tiles, head, note, old=old)
        return Answer(witness, line, at)
    except Refused as refused:
        return Answer(witness, trouble=str(refused), alert=refused.alert, ahead=refused.ahead)
    except NoReply as error:
        return Answer(witness, trouble=str(error))
    except Exception:  # such as tiles that are not there: the round has to hear of it, not wait for a thread that is gone
        log.exception("%s could not be asked", witness.key.name)
        return Answer(witness, trouble="it could not be asked: the portal’s own log says why")


def _submit(witness: Listed, tiles: Tiles, head: Head, note: Note, old: int) -> Reply:
    body = str(Submission(old, tuple(tiles.consistency(old, head.size)), head, note)).encode()
    return post(f"{witness.url.rstrip('/')}/add-checkpoint", body, kind="text/plain; charset=utf-8", seconds=EXCHANGE_SECONDS)


def _size(reply: Reply) -> int | None:
    """The size in a conflict that says one. Raises Refused where it says something else."""
    if reply.status != 409 or reply.kind != SIZE_TYPE:
        return None
    try:
        text = reply.body.decode()
        if not text.endswith("\n"):
            raise BadNote("a size ends in a newline")
        return parse_size(text[:-1])
    except (BadNote, UnicodeDecodeError) as error:
        raise Refused("it answered a conflict without a size that can be read", alert=True) from error


def _refusal(reply: Reply) -> Refused:
    if reply.status == 409:
        text = (
            "it contradicts itself about the size it has seen" if reply.kind == SIZE_TYPE else "it has cosigned another root for this size"
        )
        return Refused(text, alert=True)
    if reply.status == 422:
        return Refused("it says that this tree does not continue the one it cosigned", alert=True)
    known = {400: "it cannot read what it was asked", 403: "it does not trust the key of this log", 404: "it does not know this log"}
    return Refused(known.get(reply.status, f"it answered with status {reply.status}"))


def _keep(connection: Connection[Any], checkpoint: Checkpoint, head: Head, answer: Answer) -> Outcome:
    """Keep a good line. A size above ours is no alarm where another clock has published that much meanwhile."""
    name = answer.witness.key.name
    if answer.line is None:
        grew = answer.ahead and connection.execute(GREW, [answer.ahead, f"{head.origin}\n"]).fetchone()
        if grew:
            return Outcome(name, trouble="it was asked by somebody else meanwhile")
        return Outcome(name, trouble=answer.trouble, alert=answer.alert, ahead=answer.ahead)
    at = datetime.fromtimestamp(answer.at, UTC)
    connection.execute(KEEP, [checkpoint.pk, name, str(answer.line), at])
    return Outcome(name, head.size, at)
