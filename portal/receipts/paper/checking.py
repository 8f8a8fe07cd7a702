"""What must be right before the portal starts: the force's own certificate for papers, where it named one."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error

from portal.receipts.paper.certificate import UnusableCertificate, identity


def check_certificate(**_: Any) -> list[CheckMessage]:
    """`PAPER_KEY_FILE` and `PAPER_CERT_FILE`, where they are set, are files that papers can be signed with."""
    if not (settings.PAPER_KEY_FILE or settings.PAPER_CERT_FILE):
        return []
    try:
        identity()
    except (UnusableCertificate, OSError) as error:
        hint = "Name a private key and its certificate, both in PEM, or neither: the portal then makes its own."
        return [Error(f"PAPER_KEY_FILE, PAPER_CERT_FILE: {error}", hint=hint, id="receipts.E001")]
    return []
