"""How often a caller of the API may ask: a bucket for each, which requests empty and time fills again."""

import asyncio
import ipaddress
import math
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Self

from aiohttp import web

from gateway.errors import TooManyRequests
from gateway.web.keys import WebSettings

MOST_BUCKETS = 10_000
"""Callers that are remembered; who has asked least recently is forgotten, and begins with a full bucket."""
_IPV6_NETWORK = 64
"""Bits: a caller has at least so many addresses of its own, and would have a bucket for each (RFC 6177)."""


@dataclass(slots=True)
class Buckets:
    """Callers of one kind; each may ask `burst` times at once, and `per_second` in the long run."""

    per_second: float
    """0: as often as they like."""
    burst: int
    most: int = MOST_BUCKETS
    _left: OrderedDict[str, tuple[float, float]] = field(default_factory=OrderedDict)
    """By caller: what is left, and when that was."""

    def __len__(self) -> int:
        """Callers that are remembered."""
        return len(self._left)

    def take(self, caller: str, at: float) -> None:
        """
        One request at `at`, in seconds of a clock that never goes back.

        Raises `TooManyRequests` with the whole seconds after which the next one is welcome.
        """
        if not self.per_second:
            return
        left, since = self._left.pop(caller, (float(self.burst), at))
        left = min(float(self.burst), left + (at - since) * self.per_second)
        allowed = left >= 1
        self._left[caller] = (left - 1 if allowed else left, at)
        if len(self._left) > self.most:
            self._left.popitem(last=False)
        if not allowed:
            seconds = max(1, math.ceil((1 - left) / self.per_second))
            raise TooManyRequests(
                f"more than {self.burst} requests at once, or {self.per_second:g} a second in the long run",
                advice=f"go on after {seconds} s; what was turned away is not done, send it again",
                retry_after=seconds,
            )


@dataclass(frozen=True, slots=True)
class Limits:
    """Of one process of the gateway; the door for partners has limits of its own."""

    callers: Buckets
    """By token."""
    strangers: Buckets
    """By address: who shows no token, or none that is known."""

    @classmethod
    def of(cls, settings: WebSettings) -> Self:
        """As configured, and all full."""
        return cls(
            Buckets(settings.requests_per_second, settings.requests_burst),
            Buckets(settings.stranger_requests_per_second, settings.stranger_requests_burst),
        )


LIMITS = web.AppKey("limits", Limits)


def count_caller(request: web.Request, token_hash: str) -> None:
    """A request with a token that is known here; raises `TooManyRequests`."""
    request.app[LIMITS].callers.take(token_hash, asyncio.get_running_loop().time())


def count_stranger(request: web.Request) -> None:
    """A request of somebody unknown; raises `TooManyRequests`."""
    request.app[LIMITS].strangers.take(network_of(request.remote), asyncio.get_running_loop().time())


def network_of(address: str | None) -> str:
    """What counts as one stranger: an address, or the network that an IPv6 address lies in."""
    try:
        parsed = ipaddress.ip_address((address or "").partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((parsed, _IPV6_NETWORK), strict=False))
