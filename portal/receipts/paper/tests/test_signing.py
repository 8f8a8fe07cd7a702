from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import PdfSignatureStatus, SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from portal.receipts.paper.certificate import Identity, identity, read
from portal.receipts.paper.rendering import render
from portal.receipts.paper.signing import NotStamped, _asn1, apart, sign
from portal.receipts.paper.tests import pdfs
from portal.receipts.paper.tests.samples import RECEIPT, SENT, receipt, statement
from portal.witness.stamping import read_roots
from portal.witness.tests.authority import Authority
from portal.witness.tests.fake_server import Reply, answering


def status(pdf: bytes, mine: Identity, *roots: Any) -> PdfSignatureStatus:
    """What pyHanko's validator says of the one signature, trusting the portal's certificate and nothing of this machine."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    trusted = ValidationContext(trust_roots=[_asn1(one) for one in (mine.certificate, *roots)], allow_fetching=False)
    return apart(lambda: validate_pdf_signature(signature, trusted, ts_validation_context=trusted))


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tsa") / "good")


def test_a_signed_paper_is_judged_valid_and_whole_by_a_validator() -> None:
    mine = identity()
    signed = sign(render(receipt(), made_at=SENT), mine, stamped=False)
    found = status(signed.pdf, mine)
    assert found.bottom_line
    assert found.coverage == SignatureCoverageLevel.ENTIRE_FILE
    assert found.modification_level == ModificationLevel.NONE
    assert found.md_algorithm == "sha256"
    assert found.timestamp_validity is None
    assert not signed.stamped


def test_it_is_a_pades_baseline_signature() -> None:
    """ETSI EN 319 142-1, 6.3: CAdES in PDF, bound to the certificate, and without the CMS signing time (it stands in /M)."""
    (signature,) = PdfFileReader(io.BytesIO(sign(render(receipt(), made_at=SENT), identity(), stamped=False).pdf)).embedded_signatures
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.sig_object["/M"]
    attributes = {attribute["type"].native for attribute in signature.signer_info["signed_attrs"]}
    assert attributes == {"content_type", "message_digest", "signing_certificate_v2"}


def test_signing_keeps_the_attachment_the_tags_and_the_words() -> None:
    plain = render(statement(), made_at=SENT)
    pdf = sign(plain, identity(), stamped=False).pdf
    assert pdf.startswith(plain)
    assert pdfs.attached(pdf) == {"MR-7K3P-9QXA.statement.json": RECEIPT}
    assert pdfs.tags(pdf) == pdfs.tags(plain)
    assert pdfs.pages(pdf) == pdfs.pages(plain)
    root = pdfs.root(pdf)
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712 - a PDF's own truth
    assert root["/Lang"] == "en-GB"
    assert b'pdfuaid:part="1"' in root["/Metadata"].data
    assert b"Statement of duty" in root["/Metadata"].data


def test_the_signature_s_widget_is_hidden_and_named_as_pdf_ua_asks_of_what_has_no_tag() -> None:
    (page,) = pdfs.root(sign(render(receipt(), made_at=SENT), identity(), stamped=False).pdf)["/Pages"]["/Kids"]
    (widget,) = page.get_object()["/Annots"]
    assert widget.get_object()["/F"] & 2
    assert widget.get_object()["/TU"] == "Signature of the force"
    assert page.get_object()["/Tabs"] == "/S"


def test_one_changed_byte_anywhere_breaks_it() -> None:
    """Outside the signature itself, whose own bits cannot be signed: those fail as a signature."""
    mine = identity()
    pdf = sign(render(receipt(), made_at=SENT), mine, stamped=False).pdf
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    first, end, start, rest = signature.byte_range
    places = [*range(40, end, end // 25), end - 20, start + 20, *range(start + 30, start + rest - 40, max(rest // 10, 1))]
    for place in places:
        changed = bytearray(pdf)
        changed[first + place] ^= 1
        assert not valid(bytes(changed), mine), place
    assert valid(pdf, mine)


def test_a_byte_added_at_the_end_is_seen() -> None:
    mine = identity()
    pdf = sign(render(receipt(), made_at=SENT), mine, stamped=False).pdf
    found = status(pdf + b"\n% and another thing\n", mine)
    assert found.coverage != SignatureCoverageLevel.ENTIRE_FILE


def valid(pdf: bytes, mine: Identity) -> bool:
    try:
        return bool(status(pdf, mine).bottom_line)
    except Exception:  # noqa: BLE001 - a PDF that can no longer be read has not been taken for good
        return False


def test_another_force_s_certificate_is_not_ours(settings: LazySettings, tmp_path: Path) -> None:
    pdf = sign(render(receipt(), made_at=SENT), identity(), stamped=False).pdf
    settings.RECORD_DIR = tmp_path
    assert not status(pdf, identity()).trusted


def test_a_force_s_own_certificate_is_sent_along_with_what_leads_to_its_root(authority: Authority) -> None:
    authority.certify("papers", "basicConstraints=CA:FALSE\nkeyUsage=critical,digitalSignature,nonRepudiation\n")
    together = authority.home / "papers-and-root.pem"
    together.write_bytes((authority.home / "papers.pem").read_bytes() + authority.roots.read_bytes())
    mine = read(authority.home / "papers.key", together)
    (root,) = read_roots(authority.roots)
    assert mine.chain == (root,)
    pdf = sign(render(receipt(), made_at=SENT), mine, stamped=False).pdf
    assert status(pdf, mine._replace(certificate=root)).bottom_line
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    assert [one.subject.native["common_name"] for one in signature.other_embedded_certs] == ["Test root"]


def test_with_a_time_stamping_authority_it_carries_the_time_of_somebody_else(authority: Authority, settings: LazySettings) -> None:
    mine = identity()
    settings.TSA_ROOTS = str(authority.roots)
    with answering(authority.answer) as url:
        settings.TSA_URL = url
        signed = sign(render(receipt(), made_at=SENT), mine, stamped=True)
    found = status(signed.pdf, mine, *read_roots(authority.roots))
    assert found.bottom_line
    assert signed.stamped
    assert found.timestamp_validity is not None
    assert found.timestamp_validity.valid
    assert found.timestamp_validity.trusted


@pytest.mark.parametrize(
    "answer",
    [
        lambda _: (500, "text/plain", b"no"),
        lambda _: (200, "application/timestamp-reply", b"0"),
        lambda _: (200, "text/html", b"<p>Sign in to the wireless network"),
    ],
)
def test_what_is_no_time_stamp_is_not_taken_for_one(answer: Callable[[bytes], Reply], authority: Authority, settings: LazySettings) -> None:
    settings.TSA_ROOTS = str(authority.roots)
    with answering(answer) as url:
        settings.TSA_URL = url
        with pytest.raises(NotStamped):
            sign(render(receipt(), made_at=SENT), identity(), stamped=True)


def test_a_time_stamp_of_an_authority_we_do_not_trust_is_refused(authority: Authority, tmp_path: Path, settings: LazySettings) -> None:
    settings.TSA_ROOTS = str(Authority(tmp_path / "other").roots)
    with answering(authority.answer) as url:
        settings.TSA_URL = url
        with pytest.raises(NotStamped):
            sign(render(receipt(), made_at=SENT), identity(), stamped=True)
