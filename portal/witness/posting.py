"""Post something to somebody else's server and take the answer, in bounded time and space."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from http.client import HTTP_PORT, HTTPS_PORT, HTTPConnection, HTTPException, HTTPSConnection
from threading import Event, Timer
from urllib.parse import SplitResult, quote, urlsplit

WAIT_SECONDS = 2.0  # to connect, and for each piece of an answer
MOST_BYTES = 65_536


class NoReply(Exception):
    """There is no usable answer; the text says why, and holds nothing of what the other side sent."""


@dataclass(frozen=True, slots=True)
class Reply:
    """`kind` is the media type, in lower case and without parameters."""

    status: int
    kind: str
    body: bytes


def address(url: str) -> SplitResult:
    """Raises ValueError for anything but http or https, a host, and a path."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment or "@" in parts.netloc:
        raise ValueError("an address is http:// or https://, a host, and a path")
    if parts.port == 0:
        raise ValueError("port 0 is no port")
    return parts


def post(url: str, body: bytes, *, kind: str, seconds: float) -> Reply:
    """Post `body`, of media type `kind`, and follow nothing. Raises NoReply, and ValueError for a bad address.

    Takes at most `seconds` once the connection stands, which takes `WAIT_SECONDS` and the time in which the host is looked up.
    """
    parts = address(url)
    try:
        with _line(parts) as line, _hang_up_after(line, seconds), closing(_speaking(parts, line)) as connection:
            connection.request("POST", quote(parts.path or "/", safe="/%:@!$&'()*+,;=~"), body, {"Content-Type": kind})
            with connection.getresponse() as answer:
                content = answer.read(MOST_BYTES + 1)
                missing = answer.length or 0
    except (OSError, HTTPException, UnicodeError) as error:
        raise NoReply("it did not answer in time" if isinstance(error, TimeoutError) else "it could not be reached") from error
    if len(content) > MOST_BYTES or missing:
        raise NoReply("its answer was cut short, or too long")
    return Reply(answer.status, answer.headers.get_content_type(), content)


def _line(parts: SplitResult) -> socket.socket:
    port = parts.port or (HTTPS_PORT if parts.scheme == "https" else HTTP_PORT)
    return socket.create_connection((parts.hostname or "", port), WAIT_SECONDS)


def _speaking(parts: SplitResult, line: socket.socket) -> HTTPConnection:
    """HTTP over a second handle of `line`, in TLS where the address says so."""
    host, handle = parts.hostname or "", line.dup()
    handle.settimeout(WAIT_SECONDS)
    connection = (HTTPSConnection if parts.scheme == "https" else HTTPConnection)(host, parts.port)
    try:
        connection.sock = ssl.create_default_context().wrap_socket(handle, server_hostname=host) if parts.scheme == "https" else handle
    except BaseException:
        handle.close()
        raise
    return connection


@contextmanager
def _hang_up_after(line: socket.socket, seconds: float) -> Iterator[None]:
    """A timeout of the socket bounds each piece; whoever sends a byte a second would hold the line for a day."""
    late = Event()

    def hang_up() -> None:
        late.set()
        with suppress(OSError):
            line.shutdown(socket.SHUT_RDWR)

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, HTTPException) as error:
        raise TimeoutError if late.is_set() else error from error
    finally:
        timer.cancel()
    if late.is_set():
        raise TimeoutError
