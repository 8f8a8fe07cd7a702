"""Somebody else's server, which answers as a test tells it to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

Reply = tuple[int, str, bytes]


@contextmanager
def answering(answer: Callable[[bytes], Reply]) -> Iterator[str]:
    """The URL of a server that gives `answer(body)`, which is status, Content-Type and body, to every POST."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            status, kind, body = answer(self.rfile.read(int(self.headers["Content-Length"])))
            try:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)
            except OSError:  # whoever asked has hung up
                pass

        def log_message(self, *words: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/here/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
