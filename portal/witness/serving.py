"""A witness that stands alone: `python -m portal.witness.serving --help`. It needs no settings, PostgreSQL or Redis (docs/witness.md).

`POST /add-checkpoint` is c2sp.org/tlog-witness@v1.0.0; `GET /` says in plain text who the witness is and what it has seen.
"""

from __future__ import annotations

import argparse
import logging
import signal
import sys
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socket import socket
from threading import Condition, Thread
from types import FrameType
from typing import Any

from portal.witness.keyring import CannotWitness, read_logs
from portal.witness.submission import MOST_BYTES
from portal.witness.witnessing import Answer, Witness

log = logging.getLogger(__name__)
IDLE_SECONDS = 30.0  # a connection that says nothing for so long is closed
STOP_SECONDS = 5.0
MOST_CONNECTIONS = 64


class Server(ThreadingHTTPServer):
    """Serves one witness, each connection in a thread of its own."""

    daemon_threads = True
    block_on_close = False

    def __init__(self, address: tuple[str, int], witness: Witness) -> None:
        super().__init__(address, Handler)
        self.witness = witness
        self._changed = Condition()
        self._connections = self._requests = 0

    def process_request(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        with self._changed:
            if self._connections >= MOST_CONNECTIONS:
                self.shutdown_request(request)
                return
            self._connections += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._connections -= 1

    def handle_error(self, request: socket | tuple[bytes, socket], client_address: Any) -> None:
        log.info("a connection ended early: %s", type(sys.exception()).__name__)

    def begin(self) -> None:
        """A request is being answered."""
        with self._changed:
            self._requests += 1

    def end(self) -> None:
        with self._changed:
            self._requests -= 1
            self._changed.notify_all()

    def finish(self) -> None:
        """Let requests that are being answered end, then close; call it once `serve_forever` has returned."""
        with self._changed:
            self._changed.wait_for(lambda: not self._requests, STOP_SECONDS)
        self.server_close()
        self.witness.close()


class Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version, sys_version = "candour-witness", ""
    timeout = IDLE_SECONDS
    wbufsize = -1  # headers and body leave in one packet
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Who the witness is, and what it has seen."""
        self._give(self.server.witness.described, "/")

    def do_POST(self) -> None:
        """A log submits a checkpoint."""
        length = self.headers.get("Content-Length", "")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            self._refuse(Answer(411, "say the Content-Length of the submission\n"))
        elif len(length) > 8 or int(length) > MOST_BYTES:
            self._refuse(Answer(413, f"a submission is at most {MOST_BYTES} bytes\n"))
        else:
            body = self.rfile.read(int(length))
            if len(body) == int(length):
                self._give(lambda: self.server.witness.add_checkpoint(body), "/add-checkpoint")

    def _give(self, make: Callable[[], Answer | str], path: str) -> None:
        self.server.begin()
        try:
            made = make() if self.path == path else Answer(404, "there is nothing here\n")
            self._answer(made if isinstance(made, Answer) else Answer(200, made))
        finally:
            self.server.end()

    def _refuse(self, answer: Answer) -> None:
        """Answer a request whose body was not read: what follows on the connection cannot be told apart from it."""
        self.close_connection = True
        self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        content = answer.body.encode()
        self.send_response(answer.status)
        self.send_header("Content-Type", answer.content_type)
        self.send_header("Content-Length", str(len(content)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(content)
        self.wfile.flush()

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it
        log.info(format, *args)


def arguments(parser: argparse.ArgumentParser) -> None:
    """What a witness is told when it starts."""
    parser.add_argument("--name", required=True, help="the witness's name: an address without https://, as in witness.example.org/w1")
    parser.add_argument("--logs", required=True, type=Path, help="a file of the log keys to trust, a vkey a line")
    parser.add_argument("--home", required=True, type=Path, help="a directory for its key and its memory, made on the first run")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen at (127.0.0.1)")
    parser.add_argument("--port", default=8090, type=int, help="the port to listen at (8090)")


def serve(*, name: str, logs: Path, home: Path, host: str, port: int) -> None:
    """Witness until SIGINT or SIGTERM. Raises CannotWitness, and OSError for a file or port that may not be used."""
    witness = Witness(home, name=name, logs=read_logs(logs))
    server = Server((host, port), witness)

    def stop(number: int, frame: FrameType | None) -> None:
        Thread(target=server.shutdown).start()  # it waits for the loop, which this very thread runs

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, stop)
    sys.stdout.write(f"{witness.key}\nlistening at http://{host}:{server.server_address[1]}/\n")
    sys.stdout.flush()
    server.serve_forever(poll_interval=0.1)
    server.finish()


def main(words: Sequence[str] | None = None) -> int:
    """0 after a stop that was asked for, 2 where the witness cannot start."""
    parser = argparse.ArgumentParser(prog="witness", description="Cosign what a log says of itself, as long as it only grows.")
    arguments(parser)
    given = parser.parse_args(words)
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    try:
        serve(**vars(given))
    except (CannotWitness, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
