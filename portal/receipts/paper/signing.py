"""Sign a paper: PAdES baseline (ETSI EN 319 142-1, V1.2.1), level B-B, or B-T where a time-stamping authority is configured.

The signature is appended to the PDF, has no appearance, and allows no change after it. Its widget is hidden, as PDF/UA-1 (7.18) asks of
what is not tagged.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import NamedTuple, TypeVar

from asn1crypto import keys as asn1_keys
from asn1crypto import tsp
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.fields import InvisSigSettings, MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.signers import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError
from pyhanko_certvalidator.registry import SimpleCertificateStore
from rfc3161_client import VerificationError, VerifierBuilder

from portal.receipts.paper.certificate import Identity
from portal.witness.posting import NoReply, post
from portal.witness.stamping import WAIT_SECONDS, NoStamp, read_answer, read_roots

T = TypeVar("T")
FIELD = "Signature"
RESERVED, RESERVED_FOR_STAMP = 4_096, 24_576  # bytes for the signature in the PDF besides its certificates, and for the stamp's


class Signed(NamedTuple):
    """stamped: whether it is B-T."""

    pdf: bytes
    stamped: bool


class NotStamped(Exception):
    """The authority gave no time stamp that can be believed; the text says why."""


def sign(pdf: bytes, identity: Identity, *, stamped: bool) -> Signed:
    """The PDF with one signature. `stamped` asks the authority at TSA_URL, and raises NotStamped where it gives nothing."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
        reason="So that a change can be seen",
    )
    field = SigFieldSpec(
        FIELD,
        readable_field_name="Signature of the force",
        invis_sig_settings=InvisSigSettings(set_print_flag=False, set_hidden_flag=True, box_out_of_bounds=True),
    )
    authority = Authority() if stamped else None  # type: ignore[no-untyped-call]  # pyHanko's own
    signer = PdfSigner(metadata, _signer(identity), timestamper=authority, new_field_spec=field)
    try:
        signed = apart(partial(signer.sign_pdf, writer, bytes_reserved=_room(identity, stamped=stamped)))
    except (TimestampRequestError, OSError) as error:
        raise NotStamped(str(error)) from error
    return Signed(signed.getvalue(), stamped)


def apart(call: Callable[[], T]) -> T:
    """What `call` returns, or raises, in a thread of its own: pyHanko starts an event loop, and a thread that has one refuses another."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(call).result()


class Authority(TimeStamper):
    """Asks the authority at TSA_URL, as the record's daily stamp does, and believes what leads to TSA_ROOTS."""

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Raises TimestampRequestError."""
        try:
            reply = post(settings.TSA_URL, req.dump(), kind="application/timestamp-query", seconds=WAIT_SECONDS)
            if reply.status != 200 or reply.kind != "application/timestamp-reply":
                raise NoStamp(f"it answered with status {reply.status} and no time stamp")
            answer, _ = read_answer(reply.body)
            verifier = VerifierBuilder(roots=read_roots(Path(settings.TSA_ROOTS)), nonce=req["nonce"].native).build()
            verifier.verify(answer, req["message_imprint"]["hashed_message"].native)
        except (NoReply, NoStamp, VerificationError, ValueError) as error:
            raise TimestampRequestError(f"{type(error).__name__}: {error}") from error
        return tsp.TimeStampResp.load(reply.body)


def _room(identity: Identity, *, stamped: bool) -> int:
    """Hexadecimal digits to keep free for the signature."""
    certificates = sum(len(_asn1(one).dump()) for one in (identity.certificate, *identity.chain))
    return 2 * (RESERVED + certificates + (RESERVED_FOR_STAMP if stamped else 0))


def _signer(identity: Identity) -> SimpleSigner:
    secret = identity.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    others = SimpleCertificateStore()  # type: ignore[no-untyped-call]  # pyHanko's own
    others.register_multiple([_asn1(one) for one in identity.chain])
    return SimpleSigner(_asn1(identity.certificate), asn1_keys.PrivateKeyInfo.load(secret), others)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))
