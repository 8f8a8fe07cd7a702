"""The record through anything that can happen to it: writers that commit out of order, a clock that dies at every step, receipts,
erasure, and a database put back to an older day. Hypothesis chooses what happens; whatever it chooses, the promises hold.
"""

from __future__ import annotations

import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, ClassVar
from unittest import mock

import psycopg
from django.conf import settings
from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from portal.record import places, published, standing, state
from portal.record.appending import append, process_actor
from portal.record.checkpoints import parse_signed
from portal.record.keeping import Keeper
from portal.record.mirror import Mirror
from portal.record.models import Fact, TreeHead
from portal.record.notes import Key, parse_key, signed_by
from portal.record.proofs import check_consistency, check_inclusion
from portal.record.signing import Diverged, Signer
from portal.record.tiles import Tiles
from portal.record.tree import EMPTY_ROOT, leaf_hash
from portal.vault.sealing import Erased, commitment, erase, open_all, open_container, seal
from tests.history.snapshots import put_back, today

WRITERS = 3
RESTORES = 3  # in one history of 200 steps: each takes as long as a hundred other steps
INSERT = b"INSERT INTO record_fact (kind, subject, actor, facts, sealed) VALUES ('report.added', %s, 'process:writer', '{}', '{}')"
DEATHS: list[tuple[Any, str]] = [(Mirror, "grow"), (Tiles, "grow"), (state, "swap"), (Signer, "_publish_last"), (Signer, "sign")]


class Died(BaseException):
    """The clock's process is gone at this point."""


@dataclass
class Writer:
    """Somebody with a transaction open: what they appended counts once they commit."""

    connection: psycopg.Connection[Any]
    subjects: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Taken:
    """A receipt that somebody holds: it must stay good whatever happens later."""

    leaf: str
    index: int
    path: tuple[bytes, ...]
    note: str


class History(RuleBasedStateMachine):
    """One history after another on one database, as a portal would have."""

    steps: ClassVar[int] = 0
    kinds: ClassVar[dict[str, int]] = {}

    def __init__(self) -> None:
        super().__init__()
        self.name = uuid.uuid4().hex
        self.keeper = Keeper(settings.DATABASE_SEQUENCER_URL, settings.RECORD_ORIGIN)
        self.writers: list[Writer] = []
        self.committed: dict[str, int] = {}
        self.taken: list[Taken] = []
        self.sealed: list[tuple[uuid.UUID, str]] = []
        self.newest = (0, EMPTY_ROOT)
        self.restores = 0

    @initialize()
    def begin(self) -> None:
        self.writers = [Writer(_as_application()) for _ in range(WRITERS)]
        self._round()

    @rule(who=st.integers(0, WRITERS - 1), what=st.integers(0, 3))
    def write(self, who: int, what: int) -> None:
        """Each writer has subjects of their own: two on one chain would rightly wait for each other."""
        self._count("write")
        subject = f"report:{self.name}-{who}-{what}"
        self.writers[who].connection.execute(INSERT, [subject])
        self.writers[who].subjects.append(subject)

    @rule(who=st.integers(0, WRITERS - 1))
    def commit(self, who: int) -> None:
        self._count("commit")
        writer = self.writers[who]
        writer.connection.commit()
        for subject in writer.subjects:
            self.committed[subject] = self.committed.get(subject, 0) + 1
        writer.subjects.clear()

    @rule(who=st.integers(0, WRITERS - 1))
    def roll_back(self, who: int) -> None:
        self._count("roll back")
        self.writers[who].connection.rollback()
        self.writers[who].subjects.clear()

    @rule(words=st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20))
    def send(self, words: str) -> None:
        """A fact with private words, sealed."""
        self._count("send")
        subject = f"report:{self.name}-sealed"
        with transaction.atomic():
            container = open_container(purpose="test")
            sealed = seal(container=container, values={"message": words})
            append(kind="report.sent", subject=subject, actor=process_actor("test"), sealed=sealed)
        self.committed[subject] = self.committed.get(subject, 0) + 1
        self.sealed.append((container, sealed["message"]))

    @rule()
    def place_and_sign(self) -> None:
        self._count("round")
        self._round()

    @rule(where=st.sampled_from(DEATHS), after=st.booleans())
    def die_in_a_round(self, where: tuple[Any, str], after: bool) -> None:
        self._count("crash")
        real = getattr(*where)

        def dies(*given: Any, **named: Any) -> None:
            if after:
                real(*given, **named)
            raise Died

        with mock.patch.object(*where, dies), suppress(Died):
            self._keep()
        self._look()

    @precondition(lambda self: self.newest[0] > 0)
    @rule(place=st.floats(0, 1, exclude_max=True))
    def take_a_receipt(self, place: float) -> None:
        self._count("receipt")
        kept = published.newest()
        assert kept is not None
        index = int(place * kept.size)
        fact = Fact.objects.get(leaf_index=index)
        path = tuple(places.tiles().inclusion(index, kept.size))
        self.taken.append(Taken(fact.leaf, index, path, kept.note))

    @precondition(lambda self: self.sealed)
    @rule(place=st.floats(0, 1, exclude_max=True))
    def erase_one(self, place: float) -> None:
        self._count("erase")
        container, told = self.sealed.pop(int(place * len(self.sealed)))
        opened = open_all(container, "message")["message"]
        assert commitment(opened.salt, opened.value) == told
        with transaction.atomic():
            erase(container)
        try:
            open_all(container, "message")
        except Erased:
            return
        raise AssertionError("what was erased can still be opened")

    @precondition(lambda self: self.restores < RESTORES)
    @rule(appended=st.integers(1, 5))
    def put_the_database_back(self, appended: int) -> None:
        """An older database comes back: nothing is placed or signed on it; then the newest comes back too, and all goes on."""
        self._count("restore")
        self.restores += 1
        for who in range(WRITERS):
            self.commit(who)
        self._round()
        older = today()
        for _ in range(appended):
            self.send("later")
        self._round()
        signed = state.read(places.state())
        with put_back(older):
            try:
                self._keep()
            except Diverged:
                pass
            else:
                raise AssertionError("a tree that lacks signed facts was kept on")
            assert state.read(places.state()) == signed
        standing.forget()  # a real restore ends every connection, and with them what was known of the older database

    @invariant()
    def every_receipt_stays_good(self) -> None:
        """Checked for the newest ones at every step, and for all of them at the end."""
        for receipt in self.taken[-2:]:
            self._check(receipt)

    def teardown(self) -> None:
        for who in range(len(self.writers)):
            self.commit(who)
            self.writers[who].connection.close()
        if self.writers:
            self._round()
            self._everything_committed_is_placed_once()
            for receipt in self.taken:
                self._check(receipt)
        self.keeper.close()

    def _count(self, what: str) -> None:
        History.steps += 1
        History.kinds[what] = History.kinds.get(what, 0) + 1

    def _round(self) -> None:
        self._keep()
        self._look()

    def _keep(self) -> None:
        """A round of the clock, which a portal's begins ten times a second. Here it may have been silent for longer than its lease: then
        PostgreSQL lets others lead, and it begins anew."""
        try:
            self.keeper.round()
        except psycopg.OperationalError:
            self.keeper.round()

    def _look(self) -> None:
        """What is published now must continue what was published before."""
        kept = published.newest()
        assert kept is not None
        size, root = self.newest
        path = places.tiles().consistency(size, kept.size)
        check_consistency(old=size, new=kept.size, old_root=root, new_root=bytes(kept.root), path=path)
        self.newest = (kept.size, bytes(kept.root))

    def _check(self, receipt: Taken) -> None:
        checkpoint, note = parse_signed(receipt.note)
        log = parse_key(published.trusted_keys()[0])
        assert len(signed_by(note, [log, Key(log.name, 0x04, log.public)])) == 2
        leaf = leaf_hash(receipt.leaf.encode())
        check_inclusion(index=receipt.index, size=checkpoint.size, leaf=leaf, path=receipt.path, root=checkpoint.root)
        size, root = self.newest
        path = places.tiles().consistency(checkpoint.size, size)
        check_consistency(old=checkpoint.size, new=size, old_root=checkpoint.root, new_root=root, path=path)

    def _everything_committed_is_placed_once(self) -> None:
        mine = Fact.objects.filter(subject__startswith=f"report:{self.name}").sequenced()
        placed: dict[str, list[int]] = {}
        for fact in mine:
            placed.setdefault(fact.subject, []).append(fact.subject_seq)
        assert placed == {subject: list(range(1, many + 1)) for subject, many in self.committed.items()}
        size = self.newest[0]
        assert Fact.objects.sequenced().count() == size == places.mirror().size() == places.tiles().size()
        assert bytes(TreeHead.objects.get(size=size).root) == self.newest[1]


def _as_application() -> psycopg.Connection[Any]:
    given = connection.settings_dict
    return psycopg.connect(
        host=given["HOST"], port=given["PORT"] or None, user=given["USER"], password=given["PASSWORD"] or None, dbname=given["NAME"]
    )
