from __future__ import annotations

import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from io import StringIO
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from django.core.management import CommandError, call_command

from portal.record.notes import check_line, parse_lines
from portal.witness import serving
from portal.witness.serving import main
from portal.witness.submission import MOST_BYTES, SIZE_TYPE
from portal.witness.tests.sample_log import WITNESS, Running, SampleLog, running

PLAIN = "text/plain; charset=utf-8"


@pytest.fixture
def log(tmp_path: Path) -> SampleLog:
    return SampleLog(tmp_path / "log", leaves=400)


@pytest.fixture
def witness(tmp_path: Path, log: SampleLog) -> Iterator[Running]:
    with running(tmp_path / "witness", log.key) as witness:
        yield witness


def test_each_status_is_given_as_the_text_says(witness: Running, log: SampleLog, tmp_path: Path) -> None:
    other_view = SampleLog(tmp_path / "other", leaves=9, word="other")
    stranger, impostor = SampleLog(tmp_path / "s", leaves=1, origin="elsewhere"), SampleLog(tmp_path / "i", leaves=1, seed=9)
    status, kind, body = witness.ask(log.body(0, 5))
    (line,) = parse_lines(body)
    assert (status, kind) == (200, PLAIN)
    assert check_line(log.note(5).text, line, witness.key)
    assert witness.ask(log.body(0, 7)) == (409, SIZE_TYPE, "5\n")
    told = [
        witness.ask(stranger.body(0, 1)),
        witness.ask(impostor.body(0, 1)),
        witness.ask(f"old 5\n\n{log.note(4)}".encode()),
        witness.ask(b"old 5\n"),
        witness.ask(other_view.body(5, 5)),
        witness.ask(other_view.body(5, 7)),
        witness.ask(log.body(5, 7), "/elsewhere"),
    ]
    assert [(status, kind) for status, kind, _ in told] == [(status, PLAIN) for status in (404, 403, 400, 400, 409, 422, 404)]
    assert all(body.endswith("\n") for _, _, body in told)
    assert witness.ask(log.body(5, 7))[0] == 200


def test_the_front_page_says_who_it_is_and_how_far_it_has_seen(witness: Running, log: SampleLog) -> None:
    witness.ask(log.body(0, 5))
    with urlopen(witness.url + "/") as answer:  # noqa: S310 - an address of our own
        page = answer.read().decode()
    assert answer.headers["Content-Type"] == PLAIN
    assert f"witness {WITNESS}\n{witness.vkey}\n\n{log.origin} 5 20" in page


def test_a_connection_is_kept_for_the_next_submission(witness: Running, log: SampleLog) -> None:
    connection = witness.connection()
    for old, size in [(0, 1), (1, 2), (2, 3)]:
        connection.request("POST", "/add-checkpoint", log.body(old, size))
        answer = connection.getresponse()
        assert (answer.status, answer.version, answer.will_close) == (200, 11, False)
        answer.read()
    connection.close()


@pytest.mark.parametrize(
    ("headers", "status"),
    [({}, 411), ({"Content-Length": "many"}, 411), ({"Content-Length": "-1"}, 411), ({"Transfer-Encoding": "chunked"}, 411)]
    + [({"Content-Length": str(length)}, 413) for length in (MOST_BYTES + 1, 10**30)],
)
def test_a_body_of_no_length_or_too_long_is_refused_unread(witness: Running, headers: dict[str, str], status: int) -> None:
    connection = witness.connection()
    connection.putrequest("POST", "/add-checkpoint")
    for name, value in headers.items():
        connection.putheader(name, value)
    connection.endheaders()
    answer = connection.getresponse()
    assert (answer.status, answer.will_close) == (status, True)
    assert answer.read()
    connection.close()


def test_other_methods_are_refused(witness: Running) -> None:
    connection = witness.connection()
    for method in ("PUT", "DELETE", "OPTIONS"):
        connection.request(method, "/add-checkpoint")
        assert connection.getresponse().status == 501
        connection.close()


def test_whoever_hangs_up_early_harms_nobody(witness: Running, log: SampleLog) -> None:
    place = urlsplit(witness.url)
    for sent in (b"", b"POST", b"POST /add-checkpoint HTTP/1.1\r\nContent-Length: 900\r\n\r\nold 0\n", b"\x00\xff\r\n\r\n"):
        with socket.create_connection((str(place.hostname), int(place.port or 0)), timeout=5) as rude:
            rude.sendall(sent)
    assert witness.ask(log.body(0, 5))[0] == 200


def test_a_witness_that_is_told_to_stop_answers_what_it_was_asked_and_ends_well(witness: Running, log: SampleLog) -> None:
    assert witness.ask(log.body(0, 5))[0] == 200
    idle = witness.connection()
    idle.connect()
    assert witness.stop() == 0
    idle.close()


class Pusher:
    """Submits one view of the log, a leaf more each time, until nobody answers."""

    def __init__(self, view: SampleLog) -> None:
        self.view, self.seen = view, 0
        self.cosigned: list[tuple[int, bytes]] = []

    def push(self, witness: Running) -> None:
        while self.seen < 390:
            size = self.seen + 1
            try:
                status, _, body = witness.ask(self.view.body(self.seen, size))
            except (OSError, HTTPException):
                return
            if status == 409 and body.strip().isdigit():
                assert int(body) >= self.seen, "the witness went back"
                self.seen = int(body)
            elif status == 200:
                self.cosigned.append((size, self.view.tiles.root(size)))
                self.seen = size


def test_a_witness_killed_at_any_moment_never_goes_back_nor_signs_two_roots(tmp_path: Path, log: SampleLog) -> None:
    """Two views of the log race, each submitted twice at once. The process is killed five times, and every answer is compared."""
    other_view = SampleLog(tmp_path / "other", leaves=400, word="other")
    pushers = [Pusher(view) for view in (log, other_view, log, other_view)]
    for kill in range(1, 6):
        with running(tmp_path / "witness", log.key) as witness, ThreadPoolExecutor(4) as pool:
            asking = [pool.submit(pusher.push, witness) for pusher in pushers]
            while max(pusher.seen for pusher in pushers) < 8 * kill and not all(future.done() for future in asking):
                Event().wait(0.005)
            witness.kill()
            assert [future.result(20) for future in asking] == [None] * 4
    cosigned = {pair for pusher in pushers for pair in pusher.cosigned}
    assert len(dict(cosigned)) == len(cosigned) >= 30
    with running(tmp_path / "witness", log.key) as witness:
        status, _, body = witness.ask(f"old 0\n\n{log.note(399)}".encode())
    assert (status, int(body) >= max(cosigned)[0]) == (409, True)


def test_a_witness_that_cannot_start_says_why(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--name", WITNESS, "--home", str(tmp_path / "w"), "--logs", str(tmp_path / "none")]
    assert main(words) == 2
    assert "none" in capsys.readouterr().err
    (tmp_path / "none").write_text("")
    assert main(words) == 2
    assert "names no log" in capsys.readouterr().err
    with pytest.raises(CommandError, match="names no log"):
        call_command("witness", *words, stderr=StringIO())


def test_the_command_serves_until_it_is_stopped(tmp_path: Path, log: SampleLog, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "logs").write_text(f"{log.key}\n")
    handlers: dict[int, object] = {}
    monkeypatch.setattr(signal, "signal", handlers.__setitem__)
    monkeypatch.setattr(serving.Server, "serve_forever", lambda server, poll_interval: server.server_activate())
    call_command("witness", name=WITNESS, home=tmp_path / "w", logs=tmp_path / "logs", host="127.0.0.1", port=0)
    assert set(handlers) == {signal.SIGINT, signal.SIGTERM}
    assert (tmp_path / "w" / "witness.sqlite").exists()
