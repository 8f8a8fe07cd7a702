"""The time stamp of each day's first checkpoint (RFC 3161), from the authority at `TSA_URL`, kept once it leads to `TSA_ROOTS`.

A stamp is over the SHA-256 of the checkpoint's text, without its signatures. Days are days of UTC, by the database's clock.
"""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from asn1crypto import cms, core, tsp
from cryptography import x509
from django.conf import settings
from psycopg import Connection
from rfc3161_client import (
    HashAlgorithm,
    TimestampRequestBuilder,
    TimeStampResponse,
    VerifierBuilder,
    decode_timestamp_response,
)

from portal.postgres.base import rows
from portal.record import published
from portal.record.models import Checkpoint, Stamp
from portal.record.notes import Note, parse_note
from portal.witness.models import Standing
from portal.witness.posting import NoReply, post
from portal.witness.standing import Outcome, authority_name, note_outcomes

WAIT_SECONDS = 15.0
CLOCK_SECONDS = 600  # how far the time of a stamp may be from ours
TODAY = "SELECT (clock_timestamp() AT TIME ZONE 'UTC')::date"
KEEP = "INSERT INTO record_stamp (day, checkpoint_id, authority, token, at) VALUES (%s, %s, %s, %s, %s) ON CONFLICT DO NOTHING"


class _Answer(core.Sequence):  # type: ignore[misc]
    """TimeStampResp of RFC 3161, section 2.4.2, whose token may be missing."""

    _fields = [("status", tsp.PKIStatusInfo), ("time_stamp_token", cms.ContentInfo, {"optional": True})]


class NoStamp(Exception):
    """The authority gave no stamp that can be kept; the text says why."""


def run_once() -> int:
    """Stamp today's first checkpoint unless that is done; 1 if it was done now. Raises what the database raises, and OSError."""
    if not settings.TSA_URL:
        return 0
    day: date = rows(TODAY)[0][0]
    checkpoint = None if Stamp.objects.filter(day=day).exists() else first_of(day)
    if checkpoint is None:
        return 0
    name, note = authority_name(settings.TSA_URL), parse_note(checkpoint.note)
    try:
        token, authority, at = stamp(note, url=settings.TSA_URL, roots=read_roots(Path(settings.TSA_ROOTS)))
    except NoStamp as error:
        outcome = Outcome(name, trouble=str(error))
    else:
        with psycopg.connect(settings.DATABASE_SEQUENCER_URL, autocommit=True, connect_timeout=5) as connection:
            keep(connection, day=day, checkpoint=checkpoint, authority=authority, token=token, at=at)
        outcome = Outcome(name, checkpoint.size, at)
    note_outcomes([outcome], kind=Standing.Kind.AUTHORITY, origin=note.text.partition("\n")[0])
    return int(not outcome.trouble)


def first_of(day: date) -> Checkpoint | None:
    """The first checkpoint signed on that day, read from the newest back: it looks at the checkpoints since, and no older ones."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC)
    newest = published.newest()
    if newest is None or newest.signed_at < start:
        return None
    before = Checkpoint.objects.filter(signed_at__lt=start).order_by("-id").values_list("id", flat=True).first()
    first = Checkpoint.objects.filter(id__gt=before or 0).order_by("id").first()
    return first if first is not None and first.signed_at < start + timedelta(days=1) else None


def keep(connection: Connection[Any], *, day: date, checkpoint: Checkpoint, authority: str, token: bytes, at: datetime) -> None:
    """Keep a stamp found good; the first of a day stays. `connection` is the sequencer role's, in autocommit."""
    connection.execute(KEEP, [day, checkpoint.pk, authority, token, at])


def stamp(note: Note, *, url: str, roots: list[x509.Certificate]) -> tuple[bytes, str, datetime]:
    """A time-stamp token in DER, who signed it, and the time it says. Raises NoStamp."""
    text = note.text.encode()
    request = TimestampRequestBuilder().data(text).hash_algorithm(HashAlgorithm.SHA256).build()  # with a nonce, and asking for certificates
    try:
        reply = post(url, request.as_bytes(), kind="application/timestamp-query", seconds=WAIT_SECONDS)
    except NoReply as error:
        raise NoStamp(str(error)) from error
    if reply.status != 200 or reply.kind != "application/timestamp-reply":
        raise NoStamp(f"it answered with status {reply.status} and no time stamp")
    answer, token = read_answer(reply.body)
    verifier = VerifierBuilder(roots=roots, nonce=request.nonce).build()
    try:
        verifier.verify_message(answer, text)
    except Exception as error:  # the library lets through whatever its parsers of strangers' certificates raise
        raise NoStamp("its time stamp is not by a certificate we trust, or not of what we asked") from error
    at = answer.tst_info.gen_time
    if abs(at.timestamp() - time.time()) > CLOCK_SECONDS:
        raise NoStamp("its time stamp says a time more than ten minutes from ours")
    return token, _signer(answer), at


def read_answer(body: bytes) -> tuple[TimeStampResponse, bytes]:
    """An authority's answer, and the token in it as it was sent. Raises NoStamp.

    DER sorts the certificates of a token and many authorities do not; no signature covers their order, so the reader is given them sorted.
    """
    try:
        parsed = _Answer.load(body, strict=True)
        if parsed["status"]["status"].native != "granted":
            raise NoStamp("it did not grant a time stamp")
        token: bytes = parsed["time_stamp_token"].dump()
        content = parsed["time_stamp_token"]["content"]
        content["certificates"] = cms.CertificateSet(sorted(content["certificates"], key=lambda certificate: bytes(certificate.dump())))
        return decode_timestamp_response(parsed.dump()), token
    except (ValueError, TypeError, KeyError) as error:
        raise NoStamp("its answer is not a time stamp with certificates") from error


def read_roots(path: Path) -> list[x509.Certificate]:
    """The certificates in a PEM file that stamps must lead to. Raises ValueError where there are none, and OSError."""
    return x509.load_pem_x509_certificates(path.read_bytes())


def _signer(answer: TimeStampResponse) -> str:
    """The subject of the certificate that the token says signed it."""
    (signer,) = answer.signed_data.signer_infos
    certificates = [x509.load_der_x509_certificate(der) for der in answer.signed_data.certificates]
    return next(
        one.subject.rfc4514_string() for one in certificates if (one.issuer, one.serial_number) == (signer.issuer, signer.serial_number)
    )
