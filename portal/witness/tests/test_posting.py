from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread

import pytest

from portal.witness import posting
from portal.witness.posting import NoReply, address, post
from portal.witness.tests.authority import HOST_EXTENSIONS, Authority
from portal.witness.tests.fake_server import answering

OK = b"HTTP/1.1 200 OK\r\n"


@contextmanager
def dripping(first: bytes, piece: bytes = b"") -> Iterator[str]:
    """A server that sends `first` and then a piece at a time for as long as somebody listens, or nothing more."""
    end = Event()
    server = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        line, _ = server.accept()
        with line:
            line.recv(65_536)
            try:
                line.sendall(first)
                while not end.wait(0.01):
                    line.sendall(piece)
            except OSError:
                end.set()

    thread = Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.getsockname()[1]}/x"
    finally:
        end.set()
        thread.join(10)
        server.close()


@pytest.mark.parametrize(
    ("first", "piece"),
    [(b"", b"H"), (OK, b"X-More: and more\r\n"), (OK + b"X-", b"y"), (OK + b"Content-Length: 60000\r\n\r\n", b"."), (OK + b"\r\n", b".")],
)
def test_an_answer_in_small_pieces_without_end_is_hung_up_on(first: bytes, piece: bytes) -> None:
    with dripping(first, piece) as url, pytest.raises(NoReply):
        post(url, b"", kind="text/plain", seconds=0.15)


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "WAIT_SECONDS", 0.05)
    with dripping(b"") as url, pytest.raises(NoReply, match="in time"):
        post(url, b"", kind="text/plain", seconds=30)


def test_an_answer_cut_short_is_none() -> None:
    with dripping(b"") as url, pytest.raises(NoReply, match="in time"):
        post(url, b"", kind="text/plain", seconds=0.05)
    with answering(lambda body: (200, "text/plain\r\nContent-Length: 10", b"short")) as url, pytest.raises(NoReply):
        post(url, b"", kind="text/plain", seconds=30)


def test_a_server_that_speaks_something_else_could_not_be_reached() -> None:
    with dripping(b"220 mail.example\r\n") as url, pytest.raises(NoReply, match="reached"):
        post(url, b"", kind="text/plain", seconds=30)
    with answering(lambda body: (200, "text/plain", b"")) as url, pytest.raises(NoReply, match="reached"):
        post(url.replace("http:", "https:"), b"", kind="text/plain", seconds=30)


def test_a_server_of_https_is_asked_only_where_its_certificate_is_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    authority = Authority(tmp_path / "ca")
    authority.certify("host", HOST_EXTENSIONS)
    with answering(lambda body: (200, "text/plain", body), certificate=authority.home / "host.pem") as url:
        with pytest.raises(NoReply, match="reached"):
            post(url, b"this", kind="text/plain", seconds=30)
        monkeypatch.setenv("SSL_CERT_FILE", str(authority.roots))
        assert post(url, b"this", kind="text/plain", seconds=30).body == b"this"


def test_the_answer_is_status_kind_and_body_and_no_redirect_is_followed() -> None:
    with answering(lambda body: (302, "Text/Plain; charset=utf-8", b"seen " + body)) as url:
        reply = post(url + "a café", b"this", kind="text/plain", seconds=30)
    assert (reply.status, reply.kind, reply.body) == (302, "text/plain", b"seen this")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "witness.example",
        "ftp://witness.example/",
        "http://",
        "https:///path",
        "https://a@witness.example/",
        "https://w.example/?q=1",
        "https://w.example/#x",
        "https://w.example:many/",
        "https://w.example:0/",
        "https://w.example:70000/",
        "http://[::1",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError):
        address(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8090", "https://witness.example/w1/", "https://[::1]:8443/"])
def test_an_address_is_a_scheme_a_host_and_a_path(url: str) -> None:
    assert address(url).geturl() == url
