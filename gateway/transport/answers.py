"""What a partner answers: read within limits, and told in its own words when it says no."""

import asyncio
import contextlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import MappingProxyType

import aiohttp

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.transport.sending import Outgoing, Stage
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
class Patience:
    """How long a partner has, in seconds."""

    connect: float
    """Until there is a connection."""
    send: float
    """From then on, until it has taken what we send."""
    answer: float
    """For everything together."""


async def bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body of an answer, or `PartnerAnsweredWrongly` when it is longer than `limit`."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise PartnerAnsweredWrongly(f"the partner's answer has more than {limit:,} bytes")
        await asyncio.sleep(0)
    return bytes(body)


def require_plain(partner: Partner, answer: aiohttp.ClientResponse) -> None:
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


def refused(
    partner: Partner,
    status: int,
    body: bytes,
    lacking: str,
    advice: str,
    headers: Mapping[str, str] = MappingProxyType({}),
    final: frozenset[int] = FINAL_STATUSES,
) -> PartnerAnsweredWrongly:
    """
    What a partner that does not give what was asked for says, as far as it can be read.

    `final` are the statuses after which the same bytes are not sent again.
    """
    said = code = ""
    try:
        problem = json.loads(body)
        code = str(problem.get("code", ""))
        said = f": {code} {problem.get('detail', '')}".rstrip()
    except (ValueError, AttributeError, RecursionError):
        pass
    said = one_line(said[:MAX_SAID])
    return PartnerAnsweredWrongly(
        f"partner {partner.id} answered with HTTP {status} and no {lacking}{said}",
        advice=advice,
        status=status,
        final=status in final,
        said=one_line(code[:MAX_CODE]),
        **_again(headers.get("Retry-After", ""), headers.get("Date", "")),
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


def _said(error: Exception) -> str:
    """What went wrong in one line; the library's own words name objects of this program."""
    if isinstance(error, aiohttp.ClientConnectorError):
        cause = error.os_error
        return one_line(f"{cause.strerror or cause} ({error.host}, port {error.port})")
    return one_line(str(error))


def _too_slow(
    partner: Partner, patience: Patience, outgoing: Outgoing | None, error: TimeoutError
) -> PartnerUnreachable:
    """Which of the three took too long: connecting, sending, or the answer; `fields["stage"]` says it too."""
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return PartnerUnreachable(
            f"partner {partner.id} did not accept a connection within {patience.connect:g} s",
            advice="nothing to do at first: it is tried again",
            stage=Stage.CONNECT.value,
        )
    if outgoing is not None and outgoing.stage is Stage.SEND:
        seconds = min(patience.send, patience.answer)
        size = f"{outgoing.size or 0:,} bytes"
        return PartnerUnreachable(
            f"partner {partner.id} accepted the connection and did not take our {size} within {seconds:g} s",
            advice="it is tried again; ask the partner's operator what holds up its gateway, and raise "
            "send_seconds in [transport] when the line is that slow",
            stage=Stage.SEND.value,
        )
    return PartnerUnreachable(
        f"partner {partner.id} did not answer within {patience.answer:g} s", stage=Stage.ANSWER.value
    )


@contextlib.contextmanager
def on_the_wire(partner: Partner, patience: Patience, outgoing: Outgoing | None = None) -> Iterator[None]:
    """Turn what goes wrong between us and a partner within the block into `PartnerUnreachable`."""
    try:
        yield
    except TimeoutError as error:
        if outgoing is not None:
            outgoing.break_off()
        raise _too_slow(partner, patience, outgoing, error) from None
    except aiohttp.ClientSSLError as error:
        raise PartnerUnreachable(
            f"no TLS connection with partner {partner.id} that could be believed, so nothing was sent: "
            f"{one_line(str(error))}",
            advice="compare the certificate that its server shows with tls_certificates of this partner; "
            "it is tried again",
        ) from None
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # ValueError too: a host name that cannot be written in DNS raises UnicodeError.
        raise PartnerUnreachable(
            f"partner {partner.id} cannot be reached: {_said(error)}",
            advice="nothing to do at first: it is tried again",
        ) from None
    finally:
        if outgoing is not None and outgoing.stage is Stage.SEND:
            outgoing.break_off()
