"""Typed keys under which the application and a request carry what handlers need."""

from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gateway.flows.ports import Node, Trail

MAX_PORT = 65535
CLIENT_CERTIFICATES = ("none", "optional", "required")


@dataclass(frozen=True, slots=True)
class TlsSettings:
    """With these the gateway speaks HTTPS itself."""

    certificate: Path
    """PEM, relative to the configuration file; the certificate first, then its issuers."""
    key: Path
    """PEM without a passphrase."""


@dataclass(frozen=True, slots=True)
class ProxySettings:
    """A proxy in front of us ends TLS, and passes on the client certificates that it was shown."""

    secret: Path
    """The file with the secret that the proxy sends along; without it the header is not believed."""
    header: str = "X-Client-Certificate"
    secret_header: str = "X-Proxy-Secret"  # noqa: S105 - the name of a header


@dataclass(frozen=True, slots=True)
class WebSettings:
    """Where the web server listens and what it takes."""

    host: str = "127.0.0.1"
    port: int = 8400
    max_body_bytes: int = 5 * 1024 * 1024
    """A permit of 500 lines has less than 1 MB."""
    client_certificates: str = "none"
    """What partner gateways must show: `none`, `optional` (those that have registered one), `required`."""
    tls: TlsSettings | None = None
    proxy: ProxySettings | None = None
    requests_per_second: float = 100.0
    """What one token may ask of the API in the long run, of each process; 0: as often as it likes."""
    requests_burst: int = 1000
    """What it may ask at once."""
    stranger_requests_per_second: float = 5.0
    """The same for an address whose requests have no token that is known; 0: as often as it likes."""
    stranger_requests_burst: int = 100
    metrics_token: Path | None = None
    """The file with the token that GET /metrics asks for; without one there is no such address."""

    def __post_init__(self) -> None:
        """Refuse what cannot be a port (0 lets the system choose one), and words that mean nothing."""
        if not 0 <= self.port <= MAX_PORT:
            raise ValueError(f"port must be a whole number from 0 to {MAX_PORT}, not {self.port}")
        for key in ("requests_per_second", "stranger_requests_per_second"):
            if not getattr(self, key) >= 0:
                raise ValueError(f"{key} must be 0 or more, not {getattr(self, key):g}")
        for key in ("requests_burst", "stranger_requests_burst"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} must be 1 or more, not {getattr(self, key)}")
        if self.client_certificates not in CLIENT_CERTIFICATES:
            words = ", ".join(CLIENT_CERTIFICATES)
            raise ValueError(f"client_certificates must be one of {words}, not {self.client_certificates!r}")


NODE = web.AppKey("node", Node)
TRAIL = web.RequestKey("trail", Trail)
CORRELATION = web.RequestKey("correlation", str)
