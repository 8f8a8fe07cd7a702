"""Somebody else's server, which answers as a test tells it to."""

from __future__ import annotations

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

Reply = tuple[int, str, bytes]


@contextmanager
def answering(answer: Callable[[bytes], Reply], *, certificate: Path | None = None) -> Iterator[str]:
    """The URL of a server that gives `answer(body)`, which is status, Content-Type and body, to every POST.

    `certificate`: its certificate, beside its key, for https.
    """

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

    class Server(ThreadingHTTPServer):
        def handle_error(self, *words: Any) -> None:
            """Nothing: some hang up on purpose."""

    server = Server(("127.0.0.1", 0), Handler)
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"{'https' if certificate else 'http'}://127.0.0.1:{server.server_address[1]}/here/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
