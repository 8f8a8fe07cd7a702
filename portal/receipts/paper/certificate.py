"""Whose signature papers carry: a key and a certificate, made at the first need or given by the force.

Made ones lie beside the record's keys: `paper.key.pem` (ECDSA P-256, mode 0600) and `paper.cert.pem` (X.509, signed by itself, ten years).
A force with a certificate that PDF readers already trust names it in `PAPER_KEY_FILE` and `PAPER_CERT_FILE`.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key
from cryptography.x509.oid import NameOID
from django.conf import settings

from portal.record import places
from portal.record.disk import make_once

YEARS = timedelta(days=3653)
LONGEST_NAME = 64  # of an X.520 common name
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey


class UnusableCertificate(Exception):
    """The key or the certificate cannot sign papers; the text says why and which file."""


class Identity(NamedTuple):
    """A key, its certificate, and the certificates between that and a root, if the force gave them."""

    key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...] = ()


def identity() -> Identity:
    """What papers are signed with. Raises UnusableCertificate, and OSError for a file that cannot be read."""
    if settings.PAPER_KEY_FILE or settings.PAPER_CERT_FILE:
        if not (settings.PAPER_KEY_FILE and settings.PAPER_CERT_FILE):
            raise UnusableCertificate("PAPER_KEY_FILE and PAPER_CERT_FILE are set together or not at all")
        return read(Path(settings.PAPER_KEY_FILE), Path(settings.PAPER_CERT_FILE))
    key_path, certificate_path = places.keys() / "paper.key.pem", places.keys() / "paper.cert.pem"
    if not certificate_path.exists():
        _make(key_path, certificate_path)
    return read(key_path, certificate_path)


def read(key_path: Path, certificate_path: Path) -> Identity:
    """The two PEM files, which must belong together. Raises UnusableCertificate and OSError."""
    key = _key(key_path)
    try:
        certificate, *chain = x509.load_pem_x509_certificates(certificate_path.read_bytes())
    except ValueError as error:
        raise UnusableCertificate(f"{certificate_path}: this is no certificate in PEM") from error
    if certificate.public_key() != key.public_key():
        raise UnusableCertificate(f"{certificate_path}: its first certificate is not of the key in {key_path}")
    now = datetime.now(UTC)
    if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
        raise UnusableCertificate(f"{certificate_path}: it is not valid today")
    if not _may_sign(certificate):
        raise UnusableCertificate(f"{certificate_path}: its key usage allows no signatures")
    return Identity(key, certificate, tuple(chain))


def _key(path: Path) -> PrivateKey:
    try:
        key = load_pem_private_key(path.read_bytes(), password=None)
    except (ValueError, TypeError) as error:
        raise UnusableCertificate(f"{path}: this is no private key in PEM without a password") from error
    if isinstance(key, ec.EllipticCurvePrivateKey) and isinstance(key.curve, ec.SECP256R1 | ec.SECP384R1 | ec.SECP521R1):
        return key
    if isinstance(key, rsa.RSAPrivateKey) and key.key_size >= 2048:
        return key
    raise UnusableCertificate(f"{path}: papers are signed with a NIST curve or with RSA of 2048 bits or more")


def _may_sign(certificate: x509.Certificate) -> bool:
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return True
    except ValueError:
        return False
    return usage.digital_signature or usage.content_commitment


def _make(key_path: Path, certificate_path: Path) -> None:
    """Make what is not there yet; where two processes do, both end with what was first."""
    key_path.parent.mkdir(parents=True, exist_ok=True, mode=0o755)
    fresh = ec.generate_private_key(ec.SECP256R1())
    make_once(key_path, fresh.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
    make_once(certificate_path, _certify(_key(key_path)).public_bytes(Encoding.PEM), 0o644)


def _certify(key: PrivateKey) -> x509.Certificate:
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, settings.FORCE_NAME[:LONGEST_NAME]),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{settings.FORCE_NAME[: LONGEST_NAME - 17]} Candour receipts"),
        ]
    )
    start = datetime.now(UTC) - timedelta(minutes=5)  # for readers whose clocks are a little behind
    usage = x509.KeyUsage(
        digital_signature=True,
        content_commitment=True,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=False,
        crl_sign=False,
        encipher_only=False,
        decipher_only=False,
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + YEARS)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, SHA256())
    )
