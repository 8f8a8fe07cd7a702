from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.db import transaction
from django.utils import timezone

from portal.record import published
from portal.record.appending import append, process_actor
from portal.record.keeping import Keeper
from portal.record.models import Checkpoint, Cosignature
from portal.record.notes import COSIGNATURE, Key, Note, check_line, parse_key, parse_lines, parse_note, public_key
from portal.record.standing import Reason, trouble
from portal.witness import asking, posting
from portal.witness.asking import ask_all, run_once
from portal.witness.models import Standing
from portal.witness.policy import Policy, parse_policy
from portal.witness.standing import Outcome, WitnessStanding, configured, note_outcomes, quorum_met, standing
from portal.witness.submission import SIZE_TYPE
from portal.witness.tests.fake_server import Reply, answering
from portal.witness.tests.sample_log import ORIGIN, WITNESS, Running, SampleLog, running

pytestmark = pytest.mark.django_db(transaction=True)

LIAR = Ed25519PrivateKey.from_private_bytes(bytes([77]) * 32)
Sequencer = psycopg.Connection[Any]


@pytest.fixture
def log(tmp_path: Path) -> SampleLog:
    return SampleLog(tmp_path / "log", leaves=60)


@pytest.fixture
def other_view(tmp_path: Path) -> SampleLog:
    return SampleLog(tmp_path / "other", leaves=60, word="other")


@pytest.fixture
def witness(tmp_path: Path, log: SampleLog) -> Iterator[Running]:
    with running(tmp_path / "witness", log.key) as witness:
        yield witness


def published_note(sequencer: Sequencer, note: Note, size: int) -> Checkpoint:
    insert = "INSERT INTO record_checkpoint (size, root, note, signed_at) VALUES (%s, %s, %s, clock_timestamp())"
    sequencer.execute(insert, [size, bytes(32), str(note)])
    return Checkpoint.objects.latest("id")


def policy_of(*witnesses: tuple[Key, str], quorum: str = "none") -> Policy:
    rows = [f"witness W{number} {key} {url}\n" for number, (key, url) in enumerate(witnesses)]
    return parse_policy(f"{''.join(rows)}quorum {quorum}\n".encode())


def listed(running: Running) -> tuple[Key, str]:
    return running.key, running.url


def test_a_witness_cosigns_the_tree_as_it_grows_and_each_line_is_kept_once(
    log: SampleLog, witness: Running, sequencer_connection: Sequencer
) -> None:
    policy, known = policy_of(listed(witness)), dict[str, int]()
    for size in (1, 9, 9, 40):
        checkpoint = published_note(sequencer_connection, log.note(size), size)
        (outcome,) = ask_all(sequencer_connection, log.tiles, policy, checkpoint, known=known)
        assert (outcome.name, outcome.size, outcome.trouble) == (WITNESS, size, "")
        kept = Cosignature.objects.get(checkpoint=checkpoint)
        (line,) = parse_lines(kept.line)
        assert outcome.at == kept.at
        assert check_line(log.note(size).text, line, witness.key) == int(kept.at.timestamp())
        known[WITNESS] = size
        assert ask_all(sequencer_connection, log.tiles, policy, checkpoint, known=known) == []
        assert len(parse_note(published.full_note(checkpoint)).lines) == 2


@pytest.mark.parametrize("thought", [0, 3, 20, 59])
def test_a_wrong_idea_of_what_the_witness_saw_costs_one_more_request(
    log: SampleLog, witness: Running, sequencer_connection: Sequencer, thought: int
) -> None:
    witness.ask(log.body(0, 9))
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    (outcome,) = ask_all(sequencer_connection, log.tiles, policy_of(listed(witness)), checkpoint, known={WITNESS: thought})
    assert (outcome.size, outcome.trouble) == (20, "")


def test_a_view_shown_to_nobody_else_is_not_cosigned_and_raises_an_alarm(
    log: SampleLog, other_view: SampleLog, witness: Running, sequencer_connection: Sequencer
) -> None:
    witness.ask(other_view.body(0, 9))
    policy = policy_of(listed(witness))
    for size, sentence in [(9, "another root"), (20, "does not continue")]:
        checkpoint = published_note(sequencer_connection, log.note(size), size)
        (outcome,) = ask_all(sequencer_connection, log.tiles, policy, checkpoint)
        assert outcome.alert
        assert sentence in outcome.trouble
    assert not Cosignature.objects.exists()
    assert "Two trees of one size" in front_page(witness)


def front_page(witness: Running) -> str:
    connection = witness.connection()
    connection.request("GET", "/")
    page = connection.getresponse().read().decode()
    connection.close()
    return page


def test_a_witness_that_saw_more_than_there_is_raises_an_alarm(log: SampleLog, witness: Running, sequencer_connection: Sequencer) -> None:
    witness.ask(log.body(0, 40))
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    (outcome,) = ask_all(sequencer_connection, log.tiles, policy_of(listed(witness)), checkpoint)
    assert outcome.alert
    assert "an older record may have been put back" in outcome.trouble


def test_another_clock_that_was_faster_is_no_alarm(log: SampleLog, witness: Running, sequencer_connection: Sequencer) -> None:
    witness.ask(log.body(0, 40))
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    published_note(sequencer_connection, log.note(40), 40)
    (outcome,) = ask_all(sequencer_connection, log.tiles, policy_of(listed(witness)), checkpoint)
    assert (outcome.trouble, outcome.alert) == ("it was asked by somebody else meanwhile", False)


def test_a_witness_that_is_away_is_trouble_and_no_alarm(log: SampleLog, witness: Running, sequencer_connection: Sequencer) -> None:
    policy = policy_of(listed(witness))
    witness.kill()
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    (outcome,) = ask_all(sequencer_connection, log.tiles, policy, checkpoint)
    assert (outcome.trouble, outcome.alert) == ("it could not be reached", False)


def test_a_slow_witness_holds_up_no_other(
    log: SampleLog, witness: Running, sequencer_connection: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The slow one answers only once the other's cosignature is in the database."""
    in_time: list[bool] = []
    kept, keep = Event(), asking._keep

    def keep_and_tell(*words: Any) -> Outcome:
        outcome = keep(*words)
        kept.set()
        return outcome

    def drag(body: bytes) -> Reply:
        in_time.append(kept.wait(30))
        return 503, "text/plain", b""

    monkeypatch.setattr(asking, "_keep", keep_and_tell)
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    with answering(drag) as url:
        policy = policy_of((public_key("slow", COSIGNATURE, LIAR), url), listed(witness))
        outcomes = ask_all(sequencer_connection, log.tiles, policy, checkpoint)
    assert in_time == [True]
    assert [(outcome.name, outcome.trouble) for outcome in outcomes] == [("slow", "it answered with status 503"), (WITNESS, "")]
    assert Cosignature.objects.get().witness == WITNESS


def test_a_witness_that_never_answers_is_left_behind(
    log: SampleLog, sequencer_connection: Sequencer, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = Event()

    def drag(body: bytes) -> Reply:
        end.wait(30)
        return 200, "text/plain", b""

    monkeypatch.setattr(asking, "ROUND_SECONDS", 0.05)
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    with answering(drag) as url:
        policy = policy_of((public_key("slow", COSIGNATURE, LIAR), url))
        outcomes = ask_all(sequencer_connection, log.tiles, policy, checkpoint)
        end.set()
    assert outcomes == [Outcome("slow", trouble="it did not answer in time")]


def test_a_witness_without_an_address_is_not_asked(log: SampleLog, sequencer_connection: Sequencer) -> None:
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    assert ask_all(sequencer_connection, log.tiles, policy_of((public_key("quiet", COSIGNATURE, LIAR), "")), checkpoint) == []


def test_tiles_that_are_not_there_are_the_portal_s_trouble(
    log: SampleLog, witness: Running, tmp_path: Path, sequencer_connection: Sequencer, caplog: pytest.LogCaptureFixture
) -> None:
    witness.ask(log.body(0, 9))
    checkpoint = published_note(sequencer_connection, log.note(20), 20)
    short = SampleLog(tmp_path / "short", leaves=3)
    (outcome,) = ask_all(sequencer_connection, short.tiles, policy_of(listed(witness)), checkpoint)
    assert "it could not be asked" in outcome.trouble
    assert "could not be asked" in caplog.text


@pytest.fixture
def policy_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(settings, "WITNESS_POLICY", str(tmp_path / "policy"))
    return tmp_path / "policy"


def test_without_a_policy_nobody_is_asked_and_nothing_is_missing() -> None:
    assert run_once() == 0
    assert standing() == []
    assert Policy() == parse_policy(b"quorum none\n")


def test_the_portal_s_own_checkpoints_are_cosigned_round_by_round(keeper: Keeper, policy_file: Path, tmp_path: Path) -> None:
    def add(subject: str) -> None:
        with transaction.atomic():
            append(kind="report.sent", subject=subject, actor=process_actor("test"))
        keeper.round()

    policy_file.write_text("quorum none\n")
    assert run_once() == 0
    add("report:a")
    with running(tmp_path / "witness", parse_key(published.trusted_keys()[0])) as witness:
        policy_file.write_text(f"witness force-b {witness.vkey} {witness.url}\nquorum force-b\n")
        assert standing() == [WitnessStanding(WITNESS, witness.url)]
        for subject in ("report:b", "report:c"):
            add(subject)
            newest = published.newest()
            assert newest is not None
            assert not quorum_met(newest)
            assert (run_once(), run_once()) == (1, 0)
            assert quorum_met(newest)
            (shown,) = standing()
            assert (shown.size, shown.trouble, shown.alert) == (newest.size, "", "")
            assert shown.at == Cosignature.objects.latest("id").at


def test_a_tree_that_is_signed_again_stays_cosigned(
    log: SampleLog, witness: Running, policy_file: Path, sequencer_connection: Sequencer
) -> None:
    policy_file.write_text(f"log {log.key}\nwitness W {witness.vkey} {witness.url}\nquorum W\n")
    first = published_note(sequencer_connection, log.note(9), 9)
    ask_all(sequencer_connection, log.tiles, configured(), first)
    assert quorum_met(first)
    assert quorum_met(published_note(sequencer_connection, log.note(9), 9))
    assert not quorum_met(published_note(sequencer_connection, log.note(10), 10))


def test_an_alarm_stays_in_sight_and_in_the_log_once(policy_file: Path, caplog: pytest.LogCaptureFixture) -> None:
    key = public_key("liar", COSIGNATURE, LIAR)
    policy_file.write_text(f"witness W {key} http://127.0.0.1:1/\nquorum none\n")
    lie, away = Outcome("liar", trouble="it lied", alert=True), Outcome("liar", trouble="it could not be reached")
    good = Outcome("liar", 7, timezone.now())
    with caplog.at_level(logging.INFO, "portal.witness.standing"):
        for outcome in (good, lie, lie, away, good):
            note_outcomes([outcome], kind=Standing.Kind.WITNESS, origin=ORIGIN)
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("ERROR", "liar: it lied"),
        ("WARNING", "liar: it could not be reached"),
        ("INFO", "liar signs again"),
    ]
    (shown,) = standing()
    assert (shown.size, shown.trouble, shown.alert) == (7, "", "it lied")
    assert shown.alerted_at is not None


@pytest.fixture
def older(keeper: Keeper, witness: Running, policy_file: Path) -> str:
    """A record whose witness has seen more of it than there is, as after a restore of the database together with the signer's state."""
    with transaction.atomic():
        append(kind="report.sent", subject="report:a", actor=process_actor("test"))
    keeper.round()
    return f"witness W {witness.vkey} {witness.url}\nwitness X {public_key('away', COSIGNATURE, LIAR)} http://127.0.0.1:1/\n"


@pytest.mark.parametrize(
    ("quorum", "stops"), [("quorum W\n", True), ("group both all W X\nquorum both\n", False), ("quorum none\n", False)]
)
def test_an_older_record_is_read_only_once_as_many_witnesses_as_count_have_seen_more(
    older: str, policy_file: Path, monkeypatch: pytest.MonkeyPatch, quorum: str, stops: bool
) -> None:
    policy_file.write_text(older + quorum)

    def answer(url: str, *_: object, **__: object) -> posting.Reply:
        if url.startswith("http://127.0.0.1:1/"):
            raise posting.NoReply("it could not be reached")
        return posting.Reply(409, SIZE_TYPE, b"40\n")

    monkeypatch.setattr(asking, "post", answer)
    assert run_once() == 0
    found = trouble()
    assert (found is not None and found.reason is Reason.HALTED and f"{WITNESS} 40" in found.text) is stops
