"""Fetching revocation lists over HTTP."""

import asyncio

import aiohttp

from gateway import __version__
from gateway.errors import PartnerAnsweredWrongly, PartnerUnreachable
from gateway.signatures.revocation_list import MAX_LIST_BYTES
from gateway.xmlio.text import one_line

SECONDS = 60.0
"""For a whole list; one that takes longer is tried again later."""


class HttpLists:
    """Fulfils the port `ListSource`."""

    async def fetch(self, url: str) -> bytes:
        """
        GET a list: no redirect is followed, and no more is read than a list may have.

        A list is signed, so plain http will do (RFC 5280, 4.2.1.13). Raises `PartnerUnreachable` or
        `PartnerAnsweredWrongly`.
        """
        timeout = aiohttp.ClientTimeout(total=SECONDS)
        headers = {"User-Agent": f"ecites-gateway/{__version__}", "Accept-Encoding": "identity"}
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout, headers=headers, auto_decompress=False) as session,
                session.get(url, allow_redirects=False) as answer,
            ):
                if answer.status != 200:  # noqa: PLR2004 - RFC 9110, 15.3.1
                    raise PartnerAnsweredWrongly(
                        f"{url} answered with HTTP {answer.status} and no revocation list",
                        advice="ask its operator for the right address; redirects are not followed",
                        status=answer.status,
                    )
                return await _bounded(answer, url)
        except TimeoutError:
            raise PartnerUnreachable(f"{url} did not give its revocation list within {SECONDS:g} s") from None
        except (aiohttp.ClientError, OSError, ValueError) as error:
            raise PartnerUnreachable(f"{url} cannot be reached: {one_line(str(error))}") from None


async def _bounded(answer: aiohttp.ClientResponse, url: str) -> bytes:
    """The body, or an error when it is longer than a list may be."""
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > MAX_LIST_BYTES:
            raise PartnerAnsweredWrongly(
                f"{url} gives more than {MAX_LIST_BYTES:,} bytes",
                advice="check that it is the address of a revocation list",
            )
        await asyncio.sleep(0)
    return bytes(body)
