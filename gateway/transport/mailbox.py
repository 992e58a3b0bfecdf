"""Collecting from the mailboxes that partners keep for us, over HTTP."""

import asyncio
import json
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from gateway import __version__
from gateway.errors import NotFound, PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.exchange.mailbox import MailboxPage, read_page
from gateway.transport.answers import bounded, on_the_wire, refused
from gateway.transport.rest import TransportSettings
from gateway.transport.sending import Outgoing
from gateway.transport.tls import ClientTls
from gateway.xmlio.limits import ENVELOPE_LIMITS

PAGE = 50
"""Headers asked for at once."""

ADVICE = "compare mailbox_url, the token and the TLS certificate with what the partner's operator gave you"


class HttpMailbox:
    """Fulfils the port `Mailbox` with one HTTP session; use as an async context manager."""

    def __init__(
        self, settings: TransportSettings, tls: Callable[[], ClientTls], token_of: Callable[[str], str]
    ) -> None:
        """Nothing is opened yet; `token_of` reads the token for the mailbox at a partner, as it is now."""
        self._settings = settings
        self._tls = tls
        self._token_of = token_of
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        """Open the session."""
        self._session = aiohttp.ClientSession(
            headers={"User-Agent": f"ecites-gateway/{__version__}", "Accept-Encoding": "identity"},
            auto_decompress=False,
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

    async def headers(self, partner: Partner, *, after: str, wait: float) -> MailboxPage:
        """
        GET what waits after a cursor; an empty mailbox may take `wait` seconds longer to answer.

        Raises `PartnerUnreachable` or `PartnerAnsweredWrongly`.
        """
        query = {"limit": str(PAGE), "wait": str(int(wait))} | ({"after": after} if after else {})
        status, body = await self._ask(partner, "GET", query=query, longer=wait)
        if status != 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
            raise refused(partner, status, body, "page of its mailbox", ADVICE)
        try:
            said = json.loads(body)
        except (ValueError, RecursionError):
            raise PartnerAnsweredWrongly(
                f"partner {partner.id} answered with something that is no page of a mailbox", advice=ADVICE
            ) from None
        return read_page(said)

    async def fetch(self, partner: Partner, message_id: str) -> bytes:
        """GET one envelope; raises `NotFound` when it is there no more."""
        status, body = await self._ask(partner, "GET", message_id, most=ENVELOPE_LIMITS.max_bytes)
        if status == 404:  # noqa: PLR2004 - RFC 9110, 15.5.5
            raise NotFound(f"message {message_id} is not in the mailbox at partner {partner.id} any more")
        if status != 200:  # noqa: PLR2004
            raise refused(partner, status, body, f"message {message_id}", ADVICE)
        return body

    async def acknowledge(self, partner: Partner, message_id: str, receipt: bytes) -> None:
        """POST our receipt for one message."""
        status, body = await self._ask(partner, "POST", message_id, "receipt", data=receipt)
        if status != 200:  # noqa: PLR2004
            raise refused(partner, status, body, f"acknowledgement of message {message_id}", ADVICE)

    async def _ask(
        self,
        partner: Partner,
        method: str,
        *below: str,
        query: dict[str, str] | None = None,
        longer: float = 0.0,
        most: int | None = None,
        data: bytes | None = None,
    ) -> tuple[int, bytes]:
        """
        One request with our token, to the mailbox or to an address `below` it; status and body of the answer.

        The server is verified before the token is sent to it, and no redirect is followed.
        """
        if self._session is None:
            raise PartnerUnreachable("the gateway is stopping")
        token = await asyncio.to_thread(self._token_of, partner.id)
        named: dict[str, Any] = {"Authorization": f"Bearer {token}"}
        if data is not None:
            named["Content-Type"] = "application/xml"
        patience = self._settings.patience(longer)
        outgoing = None if data is None else Outgoing(data, patience.send)
        with on_the_wire(partner, patience, outgoing):
            async with self._session.request(
                method,
                URL(partner.mailbox_url).joinpath(*below).update_query(query or {}),
                data=outgoing,
                headers=named,
                allow_redirects=False,
                ssl=self._tls().context_for(partner.id),
                timeout=aiohttp.ClientTimeout(total=patience.answer, connect=patience.connect),
            ) as answer:
                return answer.status, await bounded(answer, most or self._settings.max_answer_bytes)
