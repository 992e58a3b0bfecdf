"""Pushing events to webhooks over HTTP, signed by the Standard Webhooks specification 1.0."""

from collections.abc import Callable, Sequence
from datetime import datetime
from types import TracebackType
from typing import Self

import aiohttp

from gateway import __version__
from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.webhooks import Parcel, Webhook
from gateway.signatures.webhooks import signature
from gateway.transport.answers import bounded, on_the_wire, refused
from gateway.transport.rest import TransportSettings
from gateway.transport.sending import Outgoing
from gateway.transport.tls import ClientTls

GONE = frozenset({410})
"""The one status after which an event is not sent again (Standard Webhooks); all others may heal."""

ADVICE = "look into the log of the receiver, and compare the secret and the address; it is sent again"


class HttpPusher:
    """Fulfils the port `Pusher` with one HTTP session; use as an async context manager."""

    def __init__(
        self,
        settings: TransportSettings,
        tls: Callable[[], ClientTls],
        secrets_of: Callable[[str], Sequence[bytes]],
    ) -> None:
        """Nothing is opened yet; `secrets_of` reads the secrets of a webhook by name, as they are now."""
        self._settings = settings
        self._tls = tls
        self._secrets_of = secrets_of
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session; it keeps no cookies, so that no request depends on an earlier answer."""
        self._session = aiohttp.ClientSession(
            timeout=aiohttp.ClientTimeout(
                total=self._settings.answer_seconds, connect=self._settings.connect_seconds
            ),
            headers={"User-Agent": f"ecites-gateway/{__version__}", "Accept-Encoding": "identity"},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
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

    async def push(self, webhook: Webhook, parcel: Parcel, at: datetime) -> None:
        """
        POST a parcel, signed with every secret of the webhook; any 2xx says that the receiver has it.

        Redirects are not followed: an address changes in the configuration, not in an answer. What a
        successful answer says is not read, what another one says is read up to a limit. Raises
        `PartnerUnreachable`, `PartnerAnsweredWrongly` (whose `fields["final"]` is true for 410 alone) or
        `KeyMaterialError`.
        """
        if self._session is None:
            raise PartnerUnreachable("the gateway is stopping")
        seconds = int(at.timestamp())
        signed = signature(self._secrets_of(webhook.name), parcel.id, seconds, parcel.body)
        patience = self._settings.patience()
        outgoing, partner = Outgoing(parcel.body, patience.send), webhook.as_partner()
        with on_the_wire(partner, patience, outgoing):
            async with self._session.post(
                webhook.url,
                data=outgoing,
                headers={
                    **parcel.headers,
                    "Content-Type": parcel.content_type,
                    "webhook-id": parcel.id,
                    "webhook-timestamp": str(seconds),
                    "webhook-signature": signed,
                },
                allow_redirects=False,
                ssl=self._tls().context_for(webhook.id),
            ) as answer:
                if 200 <= answer.status < 300:  # noqa: PLR2004 - RFC 9110, 15.3
                    return
                said = await self._said(answer)
                raise refused(partner, answer.status, said, "success", ADVICE, answer.headers, GONE)

    async def _said(self, answer: aiohttp.ClientResponse) -> bytes:
        """What an answer says; nothing when it says too much: its status counts."""
        try:
            return await bounded(answer, self._settings.max_answer_bytes)
        except PartnerAnsweredWrongly:
            return b""
