"""Letters that a mail server took and sends back later."""

from __future__ import annotations

import io
import sys
from email import message_from_bytes, policy
from types import SimpleNamespace

import pytest
from django.core import mail
from django.core.management import CommandError, call_command

from portal.notices import bounces
from portal.notices.channels.smtp import HEADER
from portal.notices.delivering import deliver_batch
from portal.notices.models import Outbox, Outcome, Sending, State, Unreachable
from portal.notices.tests.making import all_due, tell
from portal.people.models import Person
from portal.people.tests.factories import PersonFactory

pytestmark = pytest.mark.django_db
REPORT = """\
From: MAILER-DAEMON@mail.example
To: candour@force.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

It could not be delivered.

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mail.example

Final-Recipient: rfc822; {address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 No such user

--b
Content-Type: {kind}

{original}
--b--
"""


@pytest.fixture
def officer() -> Person:
    return PersonFactory()


def sent(officer: Person, dedupe: str = "duty:1") -> bytes:
    """A notice that the mail server took; the letter as it went."""
    tell(officer, dedupe)
    deliver_batch()
    return mail.outbox[-1].message().as_bytes()


def report(original: bytes, address: str, *, status: str = "5.1.1", action: str = "failed", kind: str = "message/rfc822") -> bytes:
    return REPORT.format(address=address, status=status, action=action, kind=kind, original=original.decode()).encode()


def test_a_letter_that_comes_back_is_a_dead_letter_and_its_address_rests(officer: Person) -> None:
    came_back = report(sent(officer), officer.email.upper())
    assert bounces.hear(came_back)
    assert Sending.objects.get().outcome == Outcome.REFUSED
    assert Unreachable.objects.get().address == officer.email
    all_due()
    deliver_batch()
    assert Outbox.objects.get().state == State.FAILED
    assert not bounces.hear(came_back), "the second report of the same letter is no news"
    assert len(mail.outbox) == 1


def test_headers_alone_are_enough(officer: Person) -> None:
    headers = sent(officer, "duty:1:" + "x" * 120).partition(b"\n\n")[0] + b"\n"
    assert bounces.hear(report(headers, officer.email, kind="text/rfc822-headers"))


@pytest.mark.parametrize("status", ["5.2.2", "5.7.1", "4.4.7", ""])
def test_a_full_mailbox_or_a_refused_text_is_no_fault_of_the_address(officer: Person, status: str) -> None:
    assert bounces.hear(report(sent(officer), officer.email, status=status))
    assert Outbox.objects.get().state == State.WAITING
    assert not Unreachable.objects.exists()


def test_somebody_elses_mailbox_says_nothing_of_this_address(officer: Person) -> None:
    assert bounces.hear(report(sent(officer), "forwarded@elsewhere.example"))
    assert not Unreachable.objects.exists()


def test_a_letter_that_is_late_has_not_failed(officer: Person) -> None:
    with pytest.raises(bounces.NotABounce, match="no failure"):
        bounces.hear(report(sent(officer), officer.email, action="delayed"))
    assert Outbox.objects.get().state == State.SENT


def test_nobody_else_can_say_that_a_letter_came_back(officer: Person) -> None:
    original = message_from_bytes(sent(officer), policy=policy.default)
    key, _, signature = original[HEADER].rpartition(":")
    original.replace_header(HEADER, f"{key}2:{signature}")
    with pytest.raises(bounces.NotABounce, match="no notice of this portal"):
        bounces.hear(report(original.as_bytes(), officer.email))
    del original[HEADER]
    with pytest.raises(bounces.NotABounce, match="no notice of this portal"):
        bounces.hear(report(original.as_bytes(), officer.email))
    assert Outbox.objects.get().state == State.SENT


@pytest.mark.parametrize(
    "raw", [b"", b"\xff\xfe\x00", b"Subject: Out of office\n\nI am away.", b"Content-Type: message/delivery-status\n\n\n"]
)
def test_any_other_letter_is_put_aside_with_a_sentence(raw: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(raw)))
    with pytest.raises(CommandError, match="Put aside") as error:
        call_command("hear_bounce")
    assert error.value.returncode == 65


def test_the_command_reads_one_letter(officer: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(report(sent(officer), officer.email))))
    said = io.StringIO()
    call_command("hear_bounce", stdout=said)
    assert "another way" in said.getvalue()
