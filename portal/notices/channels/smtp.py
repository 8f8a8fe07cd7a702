"""E-mail by the force's own mail server. Told means that the server took it: from then on it answers for it (RFC 5321, 4.2.5)."""

from __future__ import annotations

import re
import smtplib
from contextlib import suppress
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.signing import Signer

from portal.notices.channels.base import Letter, NotNow, Refused, Taken
from portal.people.models import Person

FOR_GOOD = 500
HEADER = "Candour-Notice"
POLICY = re.compile(r"\b5\.7\.\d")  # RFC 3463: the server does not want the letter, whoever it is for


class Smtp:
    """One connection for a batch. A server that is away is not asked again before the next one."""

    def __init__(self) -> None:
        self._connection = get_connection()
        self._open = False
        self._away = ""

    def send(self, letter: Letter, to: Person, address: str) -> Taken:
        if self._away:
            raise NotNow(self._away)
        self._connect()
        try:
            sent = message(letter, address, self._connection).send()
        except (OSError, ValueError) as error:  # smtplib's errors are OSErrors; a ValueError is a header that cannot be written
            raise self._said(error) from error
        if not sent:
            raise NotNow("not sent")
        return Taken(told=True)

    def close(self) -> None:
        self._open = False
        with suppress(OSError):
            self._connection.close()

    def _connect(self) -> None:
        if not self._open:
            try:
                self._connection.open()
            except OSError as error:
                self._away = _named(error)
                self.close()
                raise NotNow(self._away) from error
            self._open = True

    def _said(self, error: Exception) -> NotNow | Refused:
        """What the server's answer means: for good or for now, and whether it is about the address."""
        if isinstance(error, smtplib.SMTPRecipientsRefused):
            ((code, words),) = error.recipients.values()
            for_address = not POLICY.search(words.decode("ascii", "replace"))
            return Refused(f"SMTP {code} at the recipient", bounced=for_address) if code >= FOR_GOOD else NotNow(f"SMTP {code}")
        self.close()  # what the connection is in the middle of is not known
        if isinstance(error, smtplib.SMTPDataError) and error.smtp_code >= FOR_GOOD:
            return Refused(f"SMTP {error.smtp_code} at the letter")
        return NotNow(_named(error))


def mark_of(key: str) -> str:
    """The notice's key and that we wrote it, for `HEADER`: a letter that comes back brings it along."""
    return Signer(salt=HEADER).sign(key)


def key_of(mark: str) -> str:
    """The key in a mark, folded as a header may be. Raises django.core.signing.BadSignature."""
    return Signer(salt=HEADER).unsign("".join(mark.split()))


def message(letter: Letter, address: str, connection: BaseEmailBackend | None = None) -> EmailMessage:
    """Plain words and a link to sign in and read the rest."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return EmailMessage(
        subject=" ".join(letter.title.split()),  # a name in it may hold a line break, and a header can't
        body=f"{letter.text}\n\n{letter.address}\n",
        to=[address],
        headers={
            "Message-ID": f"<{letter.key.replace(':', '.')}@{domain}>",
            "Auto-Submitted": "auto-generated",
            HEADER: mark_of(letter.key),
        },
        connection=connection,
    )


def _named(error: Exception) -> str:
    code = getattr(error, "smtp_code", None)
    return f"{type(error).__name__} {code}" if code else type(error).__name__
