"""A mail server on this machine that behaves as its test says: it takes, refuses, puts off, or hangs up in the middle."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from email import message_from_bytes
from email.message import Message
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class Handler:
    """`answers`: what it says to RCPT, by address. `at_data`: what it says once it has the letter. `hang_ups`: connections to drop then."""

    def __init__(self) -> None:
        self.letters: list[Message] = []
        self.answers: dict[str, str] = {}
        self.put_off: Counter[str] = Counter()
        self.at_data = "250 OK"
        self.hang_ups = 0
        self.hang_up_before_keeping = 0
        self.never_answers = False
        self.sessions: set[int] = set()

    async def handle_RCPT(self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]) -> str:  # noqa: N802
        self.sessions.add(id(session))
        if self.put_off[address] > 0:
            self.put_off[address] -= 1
            return "451 4.7.1 Greylisted, come back later"
        answer = self.answers.get(address, "250 OK")
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        if self.hang_up_before_keeping:
            self.hang_up_before_keeping -= 1
            return await self._hang_up(server)
        content: Any = envelope.content
        if self.at_data.startswith("250"):
            self.letters.append(message_from_bytes(content))
        if self.never_answers:
            await asyncio.sleep(60)
        if self.hang_ups:
            self.hang_ups -= 1
            return await self._hang_up(server)
        return self.at_data

    async def _hang_up(self, server: SMTP) -> str:
        transport: Any = server.transport
        transport.abort()
        return "421 gone"

    @property
    def ids(self) -> list[str]:
        return [str(letter["Message-ID"]) for letter in self.letters]


class MailServer:
    def __init__(self) -> None:
        self.handler = Handler()
        self.port = _free_port()
        self._controller = Controller(self.handler, hostname="127.0.0.1", port=self.port)

    def start(self) -> int:
        """Its port."""
        self._controller.start()
        return self.port

    def stop(self) -> None:
        self._controller.stop()


def _free_port() -> int:
    with socket.socket() as looking:
        looking.bind(("127.0.0.1", 0))
        port: int = looking.getsockname()[1]
        return port
