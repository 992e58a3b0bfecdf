"""
TLS on both sides: which versions, whose certificates are believed, and what we show of ourselves.

OpenSSL verifies dates, signatures and purpose of a certificate during the handshake, with the clock of this
machine. Verification is never switched off: there is no setting for it.
"""

import hashlib
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization

from gateway.errors import KeyMaterialError
from gateway.signatures.keys import fingerprint, load_certificates

CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20:@SECLEVEL=2"
"""
For TLS 1.2: forward secrecy and authenticated encryption only (RFC 9325, 4.2); TLS 1.3 has nothing else.
Level 2 of OpenSSL refuses RSA keys below 2048 bits and SHA-1.
"""


@dataclass(frozen=True, slots=True)
class OwnCertificate:
    """The files with which we show who we are; the key is never read into this program's own objects."""

    certificate: Path
    """PEM; the certificate first, then what its issuer says must go along."""
    key: Path
    """PEM without a passphrase."""


@dataclass(frozen=True, slots=True)
class ServerPins:
    """How the server of a partner is recognised."""

    certificates: tuple[x509.Certificate, ...]
    """The server's certificate, or that of the authority that issues it; nothing else is believed."""
    exact: bool = False
    """True: the server shows one of these very certificates, and the name in it does not matter."""


def server_context(own: OwnCertificate, clients: Iterable[x509.Certificate]) -> ssl.SSLContext:
    """
    TLS for our own port.

    A caller may show a client certificate; one that is neither among `clients` nor issued by one of them, or
    is out of its time, ends the handshake. Without `clients` no certificate is asked for. Whether a caller
    may come without one is decided at each door, because all doors share the port.

    Raises `KeyMaterialError`.
    """
    context = _modern(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER))
    # No session is taken up again: each connection proves its key, and no date check is skipped.
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    renew(context, own, clients)
    return context


def renew(context: ssl.SSLContext, own: OwnCertificate, clients: Iterable[x509.Certificate]) -> None:
    """
    Show another certificate, and take those of further callers, from the next handshake on.

    Connections that are open stay. A context cannot forget: whose certificate does not count any more is
    turned away at the door of partners (`flows/tls_identity.py`).

    Raises `KeyMaterialError`; then the context shows what it showed before.
    """
    _show(context, own)
    anchors = list(clients)
    if anchors:
        context.verify_mode = ssl.CERT_OPTIONAL
        _believe(context, anchors)


class ClientTls:
    """The TLS context for each partner that we call; all are made at once, so that mistakes are seen then."""

    def __init__(
        self, pins: Mapping[str, ServerPins] | None = None, own: OwnCertificate | None = None
    ) -> None:
        """
        Take the pins by partner id, and the certificate that we show to a server that asks.

        Raises `KeyMaterialError`.
        """
        self._pinned = {partner: _client_context(its, own) for partner, its in (pins or {}).items()}
        self._others = _client_context(None, own)

    def context_for(self, partner: str) -> ssl.SSLContext:
        """The context for a partner; one without pins is verified with the certificates of the system."""
        return self._pinned.get(partner, self._others)


class _PinnedConnection(ssl.SSLObject):
    """A connection whose handshake fails unless the server shows a pinned certificate."""

    def do_handshake(self) -> None:
        """Compare after the handshake and before the first byte of ours."""
        super().do_handshake()
        assert isinstance(self.context, _PinningContext)  # noqa: S101 - for the type checker
        shown = self.getpeercert(binary_form=True) or b""
        if hashlib.sha256(shown).hexdigest() not in self.context.pins:
            raise ssl.SSLCertVerificationError("the server shows a certificate that is not registered for it")


class _PinningContext(ssl.SSLContext):
    """A context that knows the only certificates that a server may show."""

    pins: frozenset[str] = frozenset()
    """SHA-256 of each in hex."""
    sslobject_class = _PinnedConnection


def _client_context(pins: ServerPins | None, own: OwnCertificate | None) -> ssl.SSLContext:
    """The context for one partner, or for all that have no pins."""
    context: ssl.SSLContext
    if pins is not None and pins.exact:
        context = _PinningContext(ssl.PROTOCOL_TLS_CLIENT)
        context.pins = frozenset(map(fingerprint, pins.certificates))
        context.check_hostname = False  # the certificate itself is compared instead
    else:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    _modern(context)
    if pins is None:
        context.load_default_certs(ssl.Purpose.SERVER_AUTH)
    else:
        _believe(context, pins.certificates)
    if own is not None:
        _show(context, own)
    return context


def _modern(context: ssl.SSLContext) -> ssl.SSLContext:
    """Versions and ciphers, the same on both sides."""
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    return context


def _believe(context: ssl.SSLContext, certificates: Iterable[x509.Certificate]) -> None:
    """Make certificates the only anchors, also those that are no certification authorities."""
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    for certificate in certificates:
        context.load_verify_locations(cadata=certificate.public_bytes(serialization.Encoding.DER))


def _show(context: ssl.SSLContext, own: OwnCertificate) -> None:
    """Load our certificate and its key."""
    load_certificates(own.certificate)  # says in a sentence what is wrong with the file
    try:
        context.load_cert_chain(own.certificate, own.key, password=_no_passphrase)
    except ssl.SSLError as error:
        raise KeyMaterialError(
            f"the key {own.key} and the certificate {own.certificate} cannot be used for TLS: {error.reason}",
            advice="point both settings at PEM files that were made together",
        ) from None
    except OSError as error:
        raise KeyMaterialError(
            f"the key {own.key} cannot be read: {error.strerror}",
            advice="check the path and the file's mode",
        ) from None


def _no_passphrase() -> str:
    """OpenSSL would ask at the terminal, and a service would wait there for ever."""
    raise KeyMaterialError(
        "a key for TLS has a passphrase",
        advice="store it without one, with mode 600 in a folder with mode 700",
    )


def own_leaf(own: OwnCertificate, *, at: datetime) -> x509.Certificate:
    """
    The certificate that we show.

    Raises `KeyMaterialError` when it cannot be read or is not valid at `at`.
    """
    leaf = load_certificates(own.certificate)[0]
    begins, ends = leaf.not_valid_before_utc, leaf.not_valid_after_utc
    if not begins <= at <= ends:
        raise KeyMaterialError(
            f"the TLS certificate {own.certificate} is valid from {begins:%Y-%m-%d %H:%M} to "
            f"{ends:%Y-%m-%d %H:%M} UTC, not now ({at:%Y-%m-%d %H:%M} UTC)",
            advice="renew the certificate, or set the clock of this machine right",
        )
    return leaf
