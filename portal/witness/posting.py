"""Post something to somebody else's server and take the answer, in bounded time and space."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from threading import Timer
from urllib.parse import SplitResult, quote, urlsplit

WAIT_SECONDS = 2.0  # to connect, and for each piece of an answer
EXCHANGE_SECONDS = 4.0  # for the whole, however small the pieces
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


def post(url: str, body: bytes, *, kind: str, seconds: float = EXCHANGE_SECONDS) -> Reply:
    """Post `body`, of media type `kind`, and follow nothing. Raises NoReply, and ValueError for a bad address.

    Takes at most `seconds`, and the time in which the host's address is looked up.
    """
    parts = address(url)
    connection = _connection(parts)
    try:
        with _hang_up_after(connection, seconds):
            connection.request("POST", quote(parts.path or "/", safe="/%:@!$&'()*+,;=~"), body, {"Content-Type": kind})
            answer = connection.getresponse()
            content = answer.read(MOST_BYTES + 1)
    except (OSError, HTTPException, UnicodeError) as error:
        raise NoReply("it did not answer in time" if isinstance(error, TimeoutError) else "it could not be reached") from error
    finally:
        connection.close()
    if len(content) > MOST_BYTES or (answer.length or 0) > 0:
        raise NoReply("its answer was cut short, or too long")
    return Reply(answer.status, answer.headers.get_content_type(), content)


def _connection(parts: SplitResult) -> HTTPConnection:
    host = parts.hostname or ""
    if parts.scheme == "https":
        return HTTPSConnection(host, parts.port, timeout=WAIT_SECONDS, context=ssl.create_default_context())
    return HTTPConnection(host, parts.port, timeout=WAIT_SECONDS)


@contextmanager
def _hang_up_after(connection: HTTPConnection, seconds: float) -> Iterator[None]:
    """A timeout of the socket bounds each piece; whoever sends a byte a second would hold the line for a day."""
    late: list[bool] = []

    def hang_up() -> None:
        late.append(True)
        if (line := connection.sock) is not None:
            try:
                line.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    timer = Timer(seconds, hang_up)
    timer.daemon = True
    timer.start()
    try:
        yield
    except (OSError, HTTPException) as error:
        raise TimeoutError if late else error from error
    finally:
        timer.cancel()
    if late:
        raise TimeoutError
