"""Throw-away certificates for TLS; valid now by the real clock, which OpenSSL asks, and at `NOW`."""

import ipaddress
import ssl
import warnings
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway import clock
from gateway.transport.tls import OwnCertificate
from support.keys import NOW, pem_of

BEGINS = min(NOW, clock.now()) - timedelta(days=2)
ENDS = max(NOW, clock.now()) + timedelta(days=30)
EXPIRED = min(NOW, clock.now()) - timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate with its key, and both as files."""

    certificate: x509.Certificate
    key: Any
    files: OwnCertificate


def identity(
    folder: Path,
    name: str,
    *,
    host: str = "127.0.0.1",
    ends: datetime = ENDS,
    issuer: Identity | None = None,
    authority: bool = False,
) -> Identity:
    """Make a certificate for an address, self-signed unless somebody issues it."""
    key = ec.generate_private_key(ec.SECP256R1())
    address = x509.IPAddress(ipaddress.ip_address(host))
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(BEGINS)
        .not_valid_after(ends)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .sign(issuer.key if issuer else key, hashes.SHA256())
    )
    files = OwnCertificate(folder / f"{name}.crt.pem", folder / f"{name}.key.pem")
    files.certificate.write_bytes(pem_of(certificate))
    files.key.write_bytes(pem_of(key))
    return Identity(certificate, key, files)


def caller(shows: Identity | None, server: Identity) -> ssl.SSLContext:
    """TLS of a caller that believes exactly `server`, made without the code under test."""
    context = ssl.create_default_context(cadata=pem_of(server.certificate).decode())
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    if shows is not None:
        context.load_cert_chain(shows.files.certificate, shows.files.key)
    return context


def careless_caller() -> ssl.SSLContext:
    """TLS of a caller that takes any server, to see what it shows."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def old_fashioned(context: ssl.SSLContext) -> ssl.SSLContext:
    """The same context, but it speaks TLS 1.1 only, with every cipher of those days."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        context.minimum_version = ssl.TLSVersion.TLSv1_1
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    return context
