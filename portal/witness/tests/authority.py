"""A certificate authority and a time-stamping authority, played by `openssl ts`."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from portal.witness.tests.fake_server import Reply

TSA_EXTENSIONS = "extendedKeyUsage=critical,timeStamping\nbasicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature\n"
HOST_EXTENSIONS = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
CONFIG = """
[tsa]
default_tsa = stamps
[stamps]
serial = {home}/serial
signer_cert = {home}/tsa.pem
signer_key = {home}/tsa.key
certs = {home}/chain.pem
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
ess_cert_id_alg = sha256
"""


class Authority:
    """Everything it has is in `home`; `roots` is the file to trust."""

    def __init__(self, home: Path) -> None:
        self.home, self.roots = home, home / "roots.pem"
        home.mkdir()
        self._openssl("req", "-x509", "-new", *NEW_KEY, "-keyout", "ca.key", "-out", "roots.pem", "-subj", "/CN=Test root", "-days", "2")
        self.certify("tsa", TSA_EXTENSIONS)
        (home / "chain.pem").write_bytes(self.roots.read_bytes())
        (home / "serial").write_text("01\n")
        (home / "tsa.cnf").write_text(CONFIG.format(home=home))

    def certify(self, name: str, extensions: str) -> None:
        """Make `<name>.key` and `<name>.pem`."""
        (self.home / "extensions").write_text(extensions)
        self._openssl("req", "-new", *NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", f"/CN=Test {name}")
        signed = ("-CA", "roots.pem", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
        self._openssl("x509", "-req", "-in", f"{name}.csr", *signed, "-out", f"{name}.pem")

    def answer(self, request: bytes) -> Reply:
        """As an HTTP server of RFC 3161, section 3.4, would."""
        (self.home / "request").write_bytes(request)
        self._openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request", "-out", "reply")
        return 200, "application/timestamp-reply", (self.home / "reply").read_bytes()

    def verifies(self, token: bytes, content: bytes) -> bool:
        """What openssl, which wrote neither the portal nor its library, thinks of a token over `content`."""
        (self.home / "token").write_bytes(token)
        (self.home / "content").write_bytes(content)
        words = ["ts", "-verify", "-token_in", "-in", "token", "-data", "content", "-CAfile", "roots.pem"]
        return subprocess.run(["openssl", *words], cwd=self.home, capture_output=True, check=False).returncode == 0

    def _openssl(self, *words: str) -> None:
        run(self.home, words)


NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def run(home: Path, words: Sequence[str]) -> None:
    subprocess.run(["openssl", *words], cwd=home, capture_output=True, check=True)
