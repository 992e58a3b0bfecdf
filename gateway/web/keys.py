"""Typed keys under which the application and a request carry what handlers need."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web

from gateway.errors import GatewayError
from gateway.flows.ports import Node, Trail

MAX_PORT = 65535
MAX_DRAIN_SECONDS = 600
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
    max_requests: int = 64
    """Requests with a body that are handled at once; one more is told at once to come again."""
    max_body_memory_bytes: int = 128 * 1024 * 1024
    """All their bodies together, and large answers; a length that is not known counts as the longest."""
    max_connections: int = 1000
    """Open connections, waiting ones included."""
    body_seconds: float = 60.0
    """For the whole body of a request: 5 MiB need 700 kbit/s."""
    idle_seconds: float = 75.0
    """For a whole head of a request to come; more than a proxy keeps an idle connection (often 60)."""
    drain_seconds: float = 0.0
    """So long requests are still taken after SIGTERM, while GET /readyz says that the gateway stops."""
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
    status_lists: Path | None = None
    """The folder with signed status lists (*.jws) for the page at /check; read again when it changes."""

    def __post_init__(self) -> None:
        """Refuse what cannot be a port (0 lets the system choose one), and words that mean nothing."""
        if not 0 <= self.port <= MAX_PORT:
            raise ValueError(f"port must be a whole number from 0 to {MAX_PORT}, not {self.port}")
        for key in ("max_body_bytes", "max_requests", "max_connections", "body_seconds", "idle_seconds"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} must be more than 0, not {getattr(self, key):g}")
        if self.max_body_memory_bytes < self.max_body_bytes:
            raise ValueError(
                f"max_body_memory_bytes ({self.max_body_memory_bytes}) must not be less than max_body_bytes "
                f"({self.max_body_bytes}): no body that is as long as allowed would ever be taken"
            )
        if not 0 <= self.drain_seconds <= MAX_DRAIN_SECONDS:
            raise ValueError(
                f"drain_seconds must be from 0 to {MAX_DRAIN_SECONDS}, not {self.drain_seconds:g}"
            )
        self._check_rates()
        if self.client_certificates not in CLIENT_CERTIFICATES:
            words = ", ".join(CLIENT_CERTIFICATES)
            raise ValueError(f"client_certificates must be one of {words}, not {self.client_certificates!r}")

    def _check_rates(self) -> None:
        """Refuse rates with which nobody could ever ask."""
        for key in ("requests_per_second", "stranger_requests_per_second"):
            if not getattr(self, key) >= 0:
                raise ValueError(f"{key} must be 0 or more, not {getattr(self, key):g}")
        for key in ("requests_burst", "stranger_requests_burst"):
            if getattr(self, key) < 1:
                raise ValueError(f"{key} must be 1 or more, not {getattr(self, key)}")


NODE = web.AppKey("node", Node)
TRAIL = web.RequestKey("trail", Trail)
CORRELATION = web.RequestKey("correlation", str)


@dataclass(frozen=True, slots=True)
class Speaker:
    """Tells an error to whoever asked."""

    tell: Callable[[web.Request, GatewayError], web.StreamResponse]


SPEAKER = web.RequestKey("speaker", Speaker)
"""Without one an error is told to a program, as problem details."""
