"""Letters that come back: a mail server took them and says by mail, later, that it could not deliver them (RFC 3464).

Each letter carries its notice's key, signed, in a header of its own; a report of failure sends that header back. What does not carry one of
ours is put aside: anybody can write to the mailbox that bounces go to.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage, Message

from django.core.signing import BadSignature
from django.db import transaction

from portal.notices.channels.smtp import HEADER, key_of
from portal.notices.hearing_back import refused
from portal.notices.models import Outcome, Sending, Way

log = logging.getLogger(__name__)
ADDRESS = re.compile(r"5\.(1\.\d+|2\.1)")  # RFC 3463: no such mailbox or host, or one that was closed
FAILED = "failed"


class NotABounce(Exception):
    """Not a report that one of our letters failed; says what it is instead, for whoever reads the log."""


@dataclass(frozen=True, slots=True)
class Bounce:
    """key: the notice's. address: whose mailbox it was. status: as RFC 3463 spells it, such as `5.1.1`."""

    key: str
    address: str
    status: str

    @property
    def is_address(self) -> bool:
        """Whether the address is at fault, and not a full mailbox or what the letter said."""
        return ADDRESS.fullmatch(self.status) is not None


def read(raw: bytes) -> Bounce:
    """What a report of failure says, as it came by mail. Raises NotABounce."""
    letter = message_from_bytes(raw, policy=policy.default)
    for part in letter.walk():
        if part.get_content_type() == "message/delivery-status":
            return _failed(letter, [block for block in part.get_payload() if isinstance(block, Message)])
    raise NotABounce("It is not a report of delivery (RFC 3464)")


def hear(raw: bytes) -> bool:
    """Open the notice of a letter that came back again, so that another channel takes it or somebody sees that none did.

    Returns whether that was new. That the reader was told before stands as it was recorded (docs/decisions/0023). Raises NotABounce.
    """
    bounce = read(raw)
    with transaction.atomic():
        found = Sending.objects.filter(notice__dedupe=bounce.key, way=Way.SMTP, outcome=Outcome.TOLD).select_related("notice__to")
        sending = found.select_for_update(no_key=True, of=("self",)).first()
        if sending is None:
            return False
        address = sending.notice.to.email
        at_fault = bounce.is_address and bounce.address.casefold() == address.casefold()
        refused(sending, address if at_fault else "", f"E-mail: bounced with {bounce.status}")
    log.warning("notice %s came back: %s", sending.notice_id, bounce.status)
    return True


def _failed(letter: EmailMessage, blocks: list[Message]) -> Bounce:
    for block in blocks:
        if str(block.get("Action", "")).strip().lower() == FAILED:
            return Bounce(_key(letter), _recipient(block), str(block.get("Status", "")).strip().partition(" ")[0])
    raise NotABounce("It reports no failure")


def _recipient(block: Message) -> str:
    """`Original-Recipient`, which is how we wrote it, or `Final-Recipient`: a type, a semicolon, an address."""
    given = str(block.get("Original-Recipient") or block.get("Final-Recipient") or "")
    return given.partition(";")[2].strip()


def _key(letter: EmailMessage) -> str:
    for mark in _marks(letter):
        try:
            return key_of(mark)
        except BadSignature:
            continue
    raise NotABounce("It carries no notice of this portal")


def _marks(letter: EmailMessage) -> Iterator[str]:
    """From the letter that is sent back whole (message/rfc822), or its headers alone (text/rfc822-headers)."""
    for part in letter.walk():
        if part.get(HEADER):
            yield str(part[HEADER])
        elif part.get_content_type() == "text/rfc822-headers":
            headers = part.get_payload(decode=True)
            yield str(message_from_bytes(headers, policy=policy.default).get(HEADER, "")) if isinstance(headers, bytes) else ""
