"""Carrying envelopes over HTTP."""

from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
import structlog

from gateway import __version__
from gateway.errors import PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.transport.answers import Patience, bounded, on_the_wire, refused, require_plain
from gateway.transport.sending import Outgoing
from gateway.transport.tls import ClientTls


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """Limits of one exchange with a partner."""

    connect_seconds: float = 5.0
    """To open the connection."""
    send_seconds: float = 20.0
    """To take what we send, once there is a connection: 5 MiB need 2 Mbit/s."""
    answer_seconds: float = 30.0
    """For the whole exchange: the partner validates and stores before it answers."""
    enquiry_seconds: float = 5.0
    """For a question about a permit, while customs wait for the answer."""
    max_answer_bytes: int = 1024 * 1024
    """A receipt is far smaller; an endless answer must not fill our memory."""
    certificate: Path | None = None
    """What we show to partners that ask for a client certificate; both files or neither."""
    key: Path | None = None

    def __post_init__(self) -> None:
        """Refuse one file without the other, and times in which nothing could be sent."""
        for key in ("connect_seconds", "send_seconds", "answer_seconds", "enquiry_seconds"):
            if not getattr(self, key) > 0:
                raise ValueError(f"{key} must be more than 0, not {getattr(self, key):g}")
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both, or neither")

    def patience(self, longer: float = 0.0) -> Patience:
        """The three times of one exchange, whose answer may take `longer` seconds more."""
        return Patience(self.connect_seconds, self.send_seconds, self.answer_seconds + longer)


class RestCourier:
    """Fulfils the port `Courier` with one HTTP session; use as an async context manager."""

    def __init__(self, settings: TransportSettings, tls: ClientTls | None = None) -> None:
        """Nothing is opened yet; without `tls` every server is verified with the system's certificates."""
        self._settings = settings
        self._tls = tls or ClientTls()
        self._session: aiohttp.ClientSession | None = None

    @property
    def tls(self) -> ClientTls:
        """How servers are verified now."""
        return self._tls

    def use(self, tls: ClientTls) -> None:
        """Verify servers in another way, and show another certificate, in every connection from now on."""
        self._tls = tls

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=self._settings.answer_seconds, connect=self._settings.connect_seconds
            ),
            headers={"User-Agent": f"ecites-gateway/{__version__}"},
            auto_decompress=False,
            # The worker bounds each partner; a common limit would let slow ones use up the places of others.
            connector=aiohttp.TCPConnector(limit=0),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close the session."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    @staticmethod
    def _correlation() -> dict[str, str]:
        """The id of the message that is on its way: the log of the other side carries it in each line."""
        message_id = structlog.contextvars.get_contextvars().get("message_id")
        return {"X-Correlation-ID": str(message_id)} if message_id else {}

    async def carry(self, partner: Partner, envelope: bytes) -> bytes:
        """
        POST an envelope and return the answer's body.

        The server is verified before anything is sent to it, as `ClientTls` says for this partner.
        Redirects are not followed: a partner's address changes in the directory, not in an answer. Raises
        `PartnerUnreachable` or `PartnerAnsweredWrongly`; `fields["final"]` says that it will not heal.
        """
        if self._session is None:
            raise PartnerUnreachable("the gateway is stopping")
        if not partner.url:
            raise PartnerUnreachable(
                f"partner {partner.id} has no address: it only calls out, and collects from its mailbox here",
                advice="wait until it calls",
            )
        patience = self._settings.patience()
        outgoing = Outgoing(envelope, patience.send)
        with on_the_wire(partner, patience, outgoing):
            async with self._session.post(
                partner.url,
                data=outgoing,
                headers={
                    "Content-Type": "application/xml",
                    "Accept": "application/xml",
                    "Accept-Encoding": "identity",  # a receipt is small, and what is not unpacked is no bomb
                    **self._correlation(),
                },
                allow_redirects=False,
                ssl=self._tls.context_for(partner.id),
            ) as answer:
                require_plain(partner, answer)
                body = await bounded(answer, self._settings.max_answer_bytes)
                if answer.status != 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
                    advice = "compare the certificates and addresses that both sides have registered"
                    raise refused(partner, answer.status, body, "receipt", advice, answer.headers)
                return body
