"""Carrying envelopes over HTTP."""

import asyncio
import json
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp

from gateway import __version__
from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.transport.tls import ClientTls
from gateway.xmlio.text import one_line

FINAL_STATUSES = frozenset({400, 409, 413, 415, 422})
"""
HTTP statuses that will not heal: the same bytes would be refused again. 401, 403 and 404 may heal, when
the partner registers us or mends its address; 408, 425, 429 and 5xx ask to come again (RFC 9110, 15).
"""


MAX_SAID = 500
"""Characters of a partner's own words that go into our log."""

MAX_WAIT_SECONDS = 86_400
"""Longest that a partner can make us wait; the deadline of the delivery counts all the same."""

MAX_CODE = 64
"""Characters of a partner's code of an error; ours have fewer than half."""


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """Limits of one exchange with a partner."""

    connect_seconds: float = 5.0
    """To open the connection."""
    answer_seconds: float = 30.0
    """For the whole exchange: the partner validates and stores before it answers."""
    max_answer_bytes: int = 1024 * 1024
    """A receipt is far smaller; an endless answer must not fill our memory."""
    certificate: Path | None = None
    """What we show to partners that ask for a client certificate; both files or neither."""
    key: Path | None = None

    def __post_init__(self) -> None:
        """Refuse one file without the other."""
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key belong together: name both, or neither")


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
        try:
            async with self._session.post(
                partner.url,
                data=envelope,
                headers={
                    "Content-Type": "application/xml",
                    "Accept": "application/xml",
                    "Accept-Encoding": "identity",  # a receipt is small, and what is not unpacked is no bomb
                },
                allow_redirects=False,
                ssl=self._tls.context_for(partner.id),
            ) as answer:
                _require_plain(partner, answer)
                body = await _bounded(answer, self._settings.max_answer_bytes)
                if answer.status != 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
                    raise _refused(partner, answer, body)
                return body
        except TimeoutError:
            raise PartnerUnreachable(
                f"partner {partner.id} did not answer within {self._settings.answer_seconds:g} s"
            ) from None
        except aiohttp.ClientSSLError as error:
            raise PartnerUnreachable(
                f"no TLS connection with partner {partner.id} that could be believed, so nothing was sent: "
                f"{one_line(str(error))}",
                advice="compare the certificate that its server shows with tls_certificates of this partner; "
                "the message is sent again",
            ) from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            # ValueError too: a host name that cannot be written in DNS raises UnicodeError.
            raise PartnerUnreachable(
                f"partner {partner.id} cannot be reached: {_said(error)}",
                advice="nothing to do at first: the message is sent again",
            ) from None


def _require_plain(partner: Partner, answer: aiohttp.ClientResponse) -> None:
    """Nothing is unpacked for a partner; raises `PartnerAnsweredWrongly` for an answer that would need it."""
    coding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if coding not in ("", "identity"):
        raise PartnerAnsweredWrongly(
            f"partner {partner.id} answered with HTTP {answer.status} and a compressed body "
            f"({one_line(coding[:MAX_CODE])}), although only an uncompressed one is asked for",
            advice="ask the partner's operator to switch off compression for the exchange, also in a proxy "
            "in front of it; the message is sent again",
            status=answer.status,
            final=answer.status in FINAL_STATUSES,
        )


def _said(error: Exception) -> str:
    """What went wrong in one line; the library's own words name objects of this program."""
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        return one_line(f"{cause.strerror or cause} ({error.host}, port {error.port})")
    return one_line(str(error))


async def _bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body of an answer, or an error when it is longer than `limit`."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise PartnerAnsweredWrongly(f"the partner's answer has more than {limit:,} bytes")
        await asyncio.sleep(0)
    return bytes(body)


def _refused(partner: Partner, answer: aiohttp.ClientResponse, body: bytes) -> PartnerAnsweredWrongly:
    """What a partner that gives no receipt says, as far as it can be read."""
    status = answer.status
    said = code = ""
    try:
        problem = json.loads(body)
        code = str(problem.get("code", ""))
        said = f": {code} {problem.get('detail', '')}".rstrip()
    except (ValueError, AttributeError, RecursionError):
        pass
    said = one_line(said[:MAX_SAID])
    return PartnerAnsweredWrongly(
        f"partner {partner.id} answered with HTTP {status} and no receipt{said}",
        advice="compare the certificates and addresses that both sides have registered",
        status=status,
        final=status in FINAL_STATUSES,
        said=one_line(code[:MAX_CODE]),
        **_again(answer.headers.get("Retry-After", ""), answer.headers.get("Date", "")),
    )


def _again(text: str, date: str) -> dict[str, float]:
    """
    When to come again, in seconds from now (RFC 9110, 10.2.3): a number, or a date by the partner's clock.

    Nothing when it says nothing that can be understood; never longer than a day.
    """
    if text.isascii() and text.isdigit():
        return {"retry_after": float(min(int(text[:9]), MAX_WAIT_SECONDS))}
    try:
        seconds = (parsedate_to_datetime(text) - parsedate_to_datetime(date)).total_seconds()
    except (ValueError, TypeError):
        return {}
    return {"retry_after": min(max(seconds, 0.0), float(MAX_WAIT_SECONDS))}
