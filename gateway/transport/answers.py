"""What a partner answers: read within limits, and told in its own words when it says no."""

import asyncio
import contextlib
import json
from collections.abc import Iterator

import aiohttp

from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.exchange.directory import Partner
from gateway.xmlio.text import one_line

FINAL_STATUSES = frozenset({400, 409, 413, 415, 422})
"""
HTTP statuses that will not heal: the same bytes would be refused again. 401, 403 and 404 may heal, when
the partner registers us or mends its address; 408, 425, 429 and 5xx ask to come again (RFC 9110, 15).
"""

MAX_SAID = 500
"""Characters of a partner's own words that go into our log."""

MAX_CODE = 64
"""Characters of a partner's code of an error; ours have fewer than half."""


async def bounded(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    """The body of an answer, or `PartnerAnsweredWrongly` when it is longer than `limit`."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise PartnerAnsweredWrongly(f"the partner's answer has more than {limit:,} bytes")
        await asyncio.sleep(0)
    return bytes(body)


def refused(partner: Partner, status: int, body: bytes, lacking: str, advice: str) -> PartnerAnsweredWrongly:
    """What a partner that does not give what was asked for says, as far as it can be read."""
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
        final=status in FINAL_STATUSES,
        said=one_line(code[:MAX_CODE]),
    )


@contextlib.contextmanager
def on_the_wire(partner: Partner, seconds: float) -> Iterator[None]:
    """Turn what goes wrong between us and a partner within the block into `PartnerUnreachable`."""
    try:
        yield
    except TimeoutError:
        raise PartnerUnreachable(f"partner {partner.id} did not answer within {seconds:g} s") from None
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
            f"partner {partner.id} cannot be reached: {one_line(str(error))}",
            advice="nothing to do at first: it is tried again",
        ) from None
