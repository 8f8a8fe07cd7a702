"""Other people's servers on this machine, speaking their HTTP: GOV.UK Notify, and a push service."""

from __future__ import annotations

import json
import threading
import uuid
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt

SERVICE, SECRET = "7c3fd3aa-0000-4000-8000-000000000001", "7c3fd3aa-0000-4000-8000-000000000002"
API_KEY = f"test-{SERVICE}-{SECRET}"
TEMPLATES = {"email": "7c3fd3aa-0000-4000-8000-00000000000e", "sms": "7c3fd3aa-0000-4000-8000-00000000000f"}
FIELDS = {"email": {"subject", "body", "link"}, "sms": {"subject", "link"}}


@dataclass
class Answer:
    status: int
    body: Any = None


class Server:
    """Answers each request in a thread; `port` once it runs."""

    def __init__(self) -> None:
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self._answer(outer.asked("GET", self.path, dict(self.headers), b""))

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._answer(outer.asked("POST", self.path, dict(self.headers), body))

            def _answer(self, answer: Answer) -> None:
                body = json.dumps(answer.body).encode() if answer.body is not None else b""
                self.send_response(answer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port: int = self._server.server_address[1]

    def asked(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        raise NotImplementedError

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()


class Notify(Server):
    """Takes what Notify takes and refuses what Notify refuses. `faults`: answers to give instead, one a request, before any other.

    `forget_answers`: how many notifications to take without an answer that says so (500).
    """

    def __init__(self) -> None:
        super().__init__()
        self.taken: list[dict[str, Any]] = []
        self.faults: list[Answer] = []
        self.forget_answers = 0
        self.requests: list[str] = []

    def asked(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.requests.append(f"{method} {path}")
        if self.faults:
            return self.faults.pop(0)
        if trouble := self._unauthorised(headers):
            return trouble
        if method == "GET":
            return self._list(parse_qs(urlsplit(path).query))
        return self._take("sms" if path == "/v2/notifications/sms" else "email", json.loads(body))

    def _unauthorised(self, headers: dict[str, str]) -> Answer | None:
        scheme, _, token = headers.get("Authorization", "").partition(" ")
        try:
            assert scheme == "Bearer"
            claims = jwt.decode(token, SECRET, algorithms=["HS256"], options={"require": ["iss", "iat"]}, leeway=30)
            assert claims["iss"] == SERVICE
        except (jwt.InvalidTokenError, AssertionError):
            return refusal(403, "AuthError", "Invalid token: signature, api token not found")
        return None

    def _list(self, asked: dict[str, list[str]]) -> Answer:
        found = [one for one in reversed(self.taken) if all(str(one.get(_field(name))) == values[0] for name, values in asked.items())]
        return Answer(200, {"notifications": found, "links": {"current": "/v2/notifications", "next": "/v2/notifications?older_than=none"}})

    def _take(self, kind: str, said: dict[str, Any]) -> Answer:
        if said["template_id"] != TEMPLATES[kind]:
            return refusal(400, "BadRequestError", "Template not found")
        missing = FIELDS[kind] - set(said.get("personalisation", {}))
        if missing:
            return refusal(400, "BadRequestError", f"Missing personalisation: {', '.join(sorted(missing))}")
        address = said.get("email_address", said.get("phone_number", ""))
        if address.endswith(".invalid"):
            return refusal(400, "ValidationError", "email_address Not a valid email address")
        kept = {"id": str(uuid.uuid4()), "type": kind, "status": "created", **said}
        self.taken.append(kept)
        if self.forget_answers:
            self.forget_answers -= 1
            return refusal(500, "Exception", "Internal server error")
        return Answer(201, {"id": kept["id"], "reference": said.get("reference"), "content": {}, "uri": "", "template": {}})


def _field(name: str) -> str:
    return {"template_type": "type"}.get(name, name)


def refusal(status: int, error: str, message: str) -> Answer:
    return Answer(status, {"status_code": status, "errors": [{"error": error, "message": message}]})


@dataclass
class Pushed:
    path: str
    headers: dict[str, str]
    body: bytes


class PushService(Server):
    def __init__(self) -> None:
        super().__init__()
        self.pushed: list[Pushed] = []
        self.statuses: dict[str, int] = {}

    def asked(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Answer:
        self.pushed.append(Pushed(path, {name.lower(): value for name, value in headers.items()}, body))
        return Answer(self.statuses.get(path, 201))
