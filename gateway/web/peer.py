"""
Which certificate the calling gateway has shown: to us, or to the proxy in front of us.

A proxy passes it in a header. Anybody can write a header, so it counts only beside the secret that the
proxy and we share.
"""

import base64
import hmac
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import unquote_to_bytes

from aiohttp import web
from cryptography import x509

from gateway.errors import Forbidden, MalformedRequest
from gateway.web.keys import ProxySettings, WebSettings
from gateway.web.secret_file import read_secret


@dataclass(frozen=True, slots=True)
class Proxy:
    """What the proxy in front of us writes into each request."""

    header: str
    secret_header: str
    secret: bytes = field(repr=False)

    @classmethod
    def of(cls, settings: ProxySettings) -> Self:
        """
        Read the secret.

        Raises `KeyMaterialError` when it is missing or too short.
        """
        return cls(settings.header, settings.secret_header, read_secret(settings.secret, "the proxy"))


@dataclass(frozen=True, slots=True)
class Peers:
    """How the door for partner gateways learns who calls."""

    required: bool = False
    proxy: Proxy | None = None

    @classmethod
    def of(cls, settings: WebSettings) -> Self:
        """
        As the configuration says.

        Raises `KeyMaterialError`.
        """
        proxy = Proxy.of(settings.proxy) if settings.proxy is not None else None
        return cls(settings.client_certificates == "required", proxy)


PEERS = web.AppKey("peers", Peers)


def shown_by(request: web.Request) -> x509.Certificate | None:
    """
    The certificate of the caller; None when it has shown none.

    Raises `Forbidden` when the header came without the proxy's secret; `MalformedRequest` when it holds no
    certificate.
    """
    proxy = request.app[PEERS].proxy
    return _from_connection(request) if proxy is None else _from_header(request, proxy)


def peer_of(request: web.Request) -> x509.Certificate | None:
    """
    The certificate of a partner; None when it has shown none.

    Raises `Forbidden` when one is required and missing, and what `shown_by` raises.
    """
    certificate = shown_by(request)
    if certificate is None and request.app[PEERS].required:
        raise Forbidden(
            "this address needs a TLS client certificate, and the connection shows none",
            advice="connect with the client certificate that the operator of this gateway has registered",
        )
    return certificate


def _from_connection(request: web.Request) -> x509.Certificate | None:
    """What the caller showed in the TLS handshake with us."""
    connection = request.get_extra_info("ssl_object")
    shown = connection.getpeercert(binary_form=True) if connection is not None else None
    return x509.load_der_x509_certificate(shown) if shown else None


def _from_header(request: web.Request, proxy: Proxy) -> x509.Certificate | None:
    """What the caller showed to the proxy; an empty header says that it showed none."""
    passed = request.headers.getall(proxy.header, [])
    if not any(passed):
        return None
    secrets = request.headers.getall(proxy.secret_header, [])
    given = secrets[0] if len(secrets) == 1 else ""
    if not hmac.compare_digest(given.encode("utf-8", "surrogateescape"), proxy.secret):
        raise Forbidden(
            f"the header {proxy.header} came without the secret of our proxy",
            advice=f"call through the proxy; it must set {proxy.secret_header}, and overwrite both headers",
        )
    if len(passed) > 1:
        raise MalformedRequest(
            f"the header {proxy.header} stands {len(passed)} times in the request",
            advice="let the proxy overwrite the header, not add to it",
        )
    try:
        return _decode(passed[0])
    except ValueError:
        raise MalformedRequest(
            f"the header {proxy.header} holds no certificate",
            advice="let the proxy pass it as PEM in URL encoding, or as in RFC 9440",
        ) from None


def _decode(text: str) -> x509.Certificate:
    """A certificate as PEM in URL encoding, or as DER in base64 between colons (RFC 9440, 2.1)."""
    if text.startswith(":") and text.endswith(":"):
        return x509.load_der_x509_certificate(base64.b64decode(text[1:-1], validate=True))
    return x509.load_pem_x509_certificate(unquote_to_bytes(text))
