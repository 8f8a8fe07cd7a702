from __future__ import annotations

import stat
import subprocess
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.conf import LazySettings

from portal.receipts.paper.certificate import Identity, UnusableCertificate, identity
from portal.receipts.paper.checking import check_certificate
from portal.record import places


def test_a_key_and_a_certificate_are_made_at_the_first_need_and_kept() -> None:
    made = identity()
    assert isinstance(made.key, ec.EllipticCurvePrivateKey)
    assert made.key.curve.name == "secp256r1"
    assert stat.S_IMODE((places.keys() / "paper.key.pem").stat().st_mode) == 0o600
    assert identity().certificate == made.certificate
    assert {path.name for path in places.keys().iterdir()} == {"paper.key.pem", "paper.cert.pem"}


def test_many_that_need_it_first_at_the_same_moment_end_with_the_same() -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: identity().certificate, range(8)))
    assert len({one.serial_number for one in found}) == 1
    assert {path.name for path in places.keys().iterdir()} == {"paper.key.pem", "paper.cert.pem"}


def test_the_certificate_names_the_force_for_ten_years(settings: LazySettings) -> None:
    settings.FORCE_NAME = "Heddlu Gogledd Cymru"
    certificate = identity().certificate
    (name,) = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    assert name.value == "Heddlu Gogledd Cymru Candour receipts"
    assert certificate.not_valid_after_utc - datetime.now(UTC) > timedelta(days=3650)


def test_a_force_with_a_very_long_name_gets_a_certificate_too(settings: LazySettings) -> None:
    settings.FORCE_NAME = "The Constabulary of " + "Somewhere " * 20
    assert "Candour receipts" in identity().certificate.subject.rfc4514_string()


def test_a_certificate_that_was_lost_is_made_again_for_the_same_key() -> None:
    first = identity()
    (places.keys() / "paper.cert.pem").unlink()
    assert identity().certificate.public_key() == first.certificate.public_key()


def openssl(home: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=home, capture_output=True, check=True)


@pytest.fixture
def own(tmp_path: Path, settings: LazySettings) -> Path:
    """A force's own RSA key and certificate, named in the settings."""
    openssl(
        tmp_path,
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-keyout",
        "key.pem",
        "-out",
        "cert.pem",
        "-subj",
        "/CN=Own",
        "-days",
        "2",
    )
    settings.PAPER_KEY_FILE, settings.PAPER_CERT_FILE = str(tmp_path / "key.pem"), str(tmp_path / "cert.pem")
    return tmp_path


def test_a_force_s_own_certificate_is_used_instead(own: Path) -> None:
    found = identity()
    assert found.certificate.subject.rfc4514_string() == "CN=Own"
    assert isinstance(found, Identity)
    assert not places.keys().exists()
    assert check_certificate() == []


def test_files_that_cannot_sign_are_named_before_the_portal_starts(own: Path, settings: LazySettings) -> None:
    good, certificate = (own / "key.pem").read_bytes(), (own / "cert.pem").read_bytes()
    openssl(own, "ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", "odd.pem")
    openssl(
        own, "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", "weak.pem", "-out", "weak.cert", "-subj", "/CN=x", "-days", "2"
    )
    openssl(own, "rsa", "-in", "key.pem", "-aes128", "-passout", "pass:secret", "-out", "locked.pem")
    openssl(own, "genpkey", "-algorithm", "ed25519", "-out", "ed.pem")
    wrong_keys = [b"", b"not a key", certificate, *((own / name).read_bytes() for name in ("odd.pem", "weak.pem", "locked.pem", "ed.pem"))]
    for key in wrong_keys:
        (own / "key.pem").write_bytes(key)
        (fault,) = check_certificate()
        assert "key.pem" in fault.msg
        with pytest.raises(UnusableCertificate):
            identity()
    (own / "key.pem").write_bytes(good)
    for wrong in (b"", b"not a certificate", good, (own / "weak.cert").read_bytes()):
        (own / "cert.pem").write_bytes(wrong)
        (fault,) = check_certificate()
        assert fault.id == "receipts.E001"
        assert "cert.pem" in fault.msg


def test_a_certificate_must_be_valid_today_and_allow_signatures(own: Path) -> None:
    for away in (timedelta(days=-1), timedelta(days=3)):
        with time_machine.travel(datetime.now(UTC) + away), pytest.raises(UnusableCertificate, match="not valid today"):
            identity()
    usage = ("-addext", "keyUsage=critical,keyAgreement")
    openssl(own, "req", "-x509", "-key", "key.pem", "-out", "cert.pem", "-subj", "/CN=Own", "-days", "2", *usage)
    with pytest.raises(UnusableCertificate, match="no signatures"):
        identity()


@pytest.mark.parametrize("setting", ["PAPER_KEY_FILE", "PAPER_CERT_FILE"])
def test_one_of_the_two_alone_is_refused(own: Path, settings: LazySettings, setting: str) -> None:
    setattr(settings, setting, "")
    (fault,) = check_certificate()
    assert "together or not at all" in fault.msg


def test_a_file_that_is_not_there_is_named(own: Path) -> None:
    (own / "key.pem").unlink()
    (fault,) = check_certificate()
    assert "key.pem" in fault.msg
