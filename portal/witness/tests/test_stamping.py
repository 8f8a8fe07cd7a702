from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from asn1crypto import tsp
from django.conf import settings
from django.db import DatabaseError, connection
from django.utils import timezone
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

from portal.record.checkpoints import Checkpoint as Head
from portal.record.models import Checkpoint, Stamp
from portal.record.notes import Note
from portal.witness import stamping
from portal.witness.stamping import NoStamp, first_of, read_answer, read_roots, run_once, stamp
from portal.witness.standing import authority_standing
from portal.witness.tests.authority import Authority
from portal.witness.tests.fake_server import Reply, answering

NOTE = Note(str(Head("log.example/record", 5, bytes(32))), ())
Sequencer = psycopg.Connection[Any]


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "good")


def asked(answer: Callable[[bytes], Reply], authority: Authority, note: Note = NOTE) -> tuple[bytes, str, datetime]:
    with answering(answer) as url:
        return stamp(note, url=url, roots=read_roots(authority.roots))


def test_a_stamp_is_a_token_that_openssl_verifies_over_the_text(authority: Authority) -> None:
    token, signer, at = asked(authority.answer, authority)
    assert signer == "CN=Test tsa"
    assert abs(at - timezone.now()) < timedelta(minutes=5)
    assert authority.verifies(token, NOTE.text.encode())
    assert not authority.verifies(token, NOTE.text.encode() + b"\n")


def test_certificates_may_come_in_any_order_and_the_token_is_kept_as_it_was_sent(authority: Authority) -> None:
    """One of the two orders is not that of DER, which the library insists on."""
    request = TimestampRequestBuilder().data(b"text").hash_algorithm(HashAlgorithm.SHA256).build().as_bytes()
    root, own = authority.roots.read_bytes(), (authority.home / "tsa.pem").read_bytes()
    sorted_already = set()
    for chain in (root + own, own + root):
        (authority.home / "chain.pem").write_bytes(chain)
        _, _, body = authority.answer(request)
        answer, token = read_answer(body)
        assert token in body
        assert len(answer.signed_data.certificates) == 2
        sorted_already.add(answer.as_bytes() == body)
        assert asked(authority.answer, authority)[1] == "CN=Test tsa"
    assert sorted_already


@pytest.mark.parametrize(
    ("reply", "sentence"),
    [
        ((500, "text/plain", b""), "status 500"),
        ((200, "text/html", b"<p>Sign in"), "no time stamp"),
        ((200, "application/timestamp-reply", b""), "not a time stamp"),
        ((200, "application/timestamp-reply", b"\x30\x05\x30\x03\x02\x01\x02"), "did not grant"),
        ((200, "application/timestamp-reply", b"\x30\x05\x30\x03\x02\x01\x00"), "not a time stamp"),
        ((200, "application/timestamp-reply", b"\x30" * 100), "not a time stamp"),
    ],
)
def test_what_is_no_stamp_is_refused(authority: Authority, reply: Reply, sentence: str) -> None:
    with pytest.raises(NoStamp, match=sentence):
        asked(lambda _: reply, authority)


def test_a_stamp_of_something_else_or_of_another_question_is_refused(authority: Authority) -> None:
    old: list[Reply] = []

    def replay(request: bytes) -> Reply:
        old.append(authority.answer(request))
        return old[0]

    with answering(replay) as url:
        stamp(NOTE, url=url, roots=read_roots(authority.roots))
        for note in (NOTE, Note("another text\n", ())):
            with pytest.raises(NoStamp, match="not of what we asked"):
                stamp(note, url=url, roots=read_roots(authority.roots))


def test_no_byte_of_what_is_signed_can_be_flipped(authority: Authority) -> None:
    """Every 23rd byte of an answer. What still passes was flipped in a certificate that the token carries and nobody signed it with."""
    signed: list[range] = []
    place = 0

    def answer(request: bytes) -> Reply:
        status, kind, body = authority.answer(request)
        content = tsp.TimeStampResp.load(body)["time_stamp_token"]["content"]
        signer = content["signer_infos"][0]
        pieces = (content["encap_content_info"]["content"], signer["signed_attrs"], signer["signature"])
        signed[:] = [range(start, start + len(piece.contents)) for piece in pieces if (start := body.index(piece.contents))]
        return status, kind, body[:place] + bytes([body[place] ^ 1]) + body[place + 1 :]

    refused = 0
    for place in range(0, 1500, 23):
        try:
            asked(answer, authority)
        except NoStamp:
            refused += 1
        else:
            assert not any(place in piece for piece in signed), place
    assert len(signed) == 3
    assert refused > 30


def test_an_authority_that_we_do_not_trust_does_not_stamp(tmp_path: Path, authority: Authority) -> None:
    other = Authority(tmp_path / "other")
    with pytest.raises(NoStamp, match="not by a certificate we trust"):
        asked(other.answer, authority)


def test_a_stamp_far_from_our_time_is_refused(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stamping, "CLOCK_SECONDS", -1)
    with pytest.raises(NoStamp, match="more than ten minutes"):
        asked(authority.answer, authority)


def checkpoint(sequencer: Sequencer, size: int, at: datetime) -> Checkpoint:
    text = f"{Head('log.example/record', size, bytes(32))}\n— log.example/record AAAAAAA=\n"
    insert = "INSERT INTO record_checkpoint (size, root, note, signed_at) VALUES (%s, %s, %s, %s)"
    sequencer.execute(insert, [size, bytes(32), text, at])
    return Checkpoint.objects.latest("id")


@pytest.mark.django_db(transaction=True)
def test_the_first_checkpoint_of_a_day_is_found_from_the_newest_back(sequencer_connection: Sequencer) -> None:
    midnight = datetime(2026, 3, 2, tzinfo=UTC)
    assert first_of(midnight.date()) is None
    moments = [midnight - timedelta(seconds=1), midnight, midnight + timedelta(seconds=45)]
    made = [checkpoint(sequencer_connection, size, at) for size, at in enumerate(moments, 1)]
    assert first_of(midnight.date()) == made[1]
    assert first_of((midnight - timedelta(days=1)).date()) == made[0]
    assert first_of((midnight - timedelta(days=2)).date()) is None
    assert first_of((midnight + timedelta(days=1)).date()) is None


@pytest.fixture
def configured(authority: Authority, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def configure(url: str) -> None:
        monkeypatch.setattr(settings, "TSA_URL", url)
        monkeypatch.setattr(settings, "TSA_ROOTS", str(authority.roots))

    return configure


@pytest.mark.django_db(transaction=True)
def test_the_first_checkpoint_of_today_is_stamped_once(
    sequencer_connection: Sequencer, authority: Authority, configured: Callable[[str], None]
) -> None:
    assert run_once() == 0
    assert authority_standing() is None
    with answering(authority.answer) as url:
        configured(url)
        assert run_once() == 0
        first = checkpoint(sequencer_connection, 3, timezone.now())
        checkpoint(sequencer_connection, 4, timezone.now())
        assert [run_once(), run_once()] == [1, 0]
    kept = Stamp.objects.get()
    assert (kept.checkpoint, kept.day, kept.authority) == (first, first.signed_at.astimezone(UTC).date(), "CN=Test tsa")
    text = first.note.partition("\n\n")[0] + "\n"
    assert authority.verifies(bytes(kept.token), text.encode())
    shown = authority_standing()
    assert shown is not None
    assert (shown.size, shown.at, shown.trouble) == (3, kept.at, "")


@pytest.mark.django_db(transaction=True)
def test_an_authority_that_fails_is_trouble_and_is_asked_again_the_same_day(
    sequencer_connection: Sequencer, authority: Authority, configured: Callable[[str], None], caplog: pytest.LogCaptureFixture
) -> None:
    down = [True]
    checkpoint(sequencer_connection, 3, timezone.now())
    with answering(lambda request: (503, "text/plain", b"") if down else authority.answer(request)) as url:
        configured(url)
        assert run_once() == 0
        shown = authority_standing()
        assert shown is not None
        assert (shown.at, shown.trouble) == (None, "it answered with status 503 and no time stamp")
        assert "status 503" in caplog.text
        down.clear()
        assert run_once() == 1
    assert Stamp.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_nobody_but_the_sequencer_keeps_a_stamp(sequencer_connection: Sequencer) -> None:
    first = checkpoint(sequencer_connection, 3, timezone.now())
    words: dict[str, Any] = {"checkpoint": first, "authority": "x", "token": b"x", "at": timezone.now()}
    with pytest.raises(DatabaseError, match="permission denied"):
        Stamp.objects.create(day=timezone.now().date(), **words)
    connection.close()
    stamping.keep(sequencer_connection, day=timezone.now().date(), **words)
    stamping.keep(sequencer_connection, day=timezone.now().date(), **words)
    with pytest.raises(psycopg.Error, match="permission denied"):
        sequencer_connection.execute("UPDATE record_stamp SET authority = 'y'")
