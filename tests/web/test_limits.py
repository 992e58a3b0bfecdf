"""How often a caller may ask: each has its own bucket, and is told when to come again."""

import asyncio
import json
from typing import Any

import pytest
from support.gateways import envelope, log_of

from gateway.errors import TooManyRequests
from gateway.web.keys import WebSettings
from gateway.web.limits import LIMITS, Buckets, network_of

INBOX, XML = "/api/v1/inbox", "application/xml"


def taken(buckets: Buckets, caller: str, at: float) -> int:
    """0 when a request is let through, else the seconds that the caller must wait."""
    try:
        buckets.take(caller, at)
    except TooManyRequests as error:
        return int(error.fields["retry_after"])
    return 0


def test_a_bucket_empties_and_fills_again() -> None:
    """The burst, then nothing, then as many as time has brought, and never more than the burst."""
    buckets = Buckets(per_second=0.5, burst=3)
    assert [taken(buckets, "a", 0.0) for _ in range(4)] == [0, 0, 0, 2]
    assert taken(buckets, "a", 1.9) == 1
    assert taken(buckets, "a", 2.0) == 0
    assert taken(buckets, "a", 2.0) == 2
    assert [taken(buckets, "a", 1000.0) for _ in range(4)] == [0, 0, 0, 2]


def test_asking_in_vain_does_not_make_the_wait_longer() -> None:
    """Who is turned away a thousand times is let in as early as who waited."""
    buckets = Buckets(per_second=1.0, burst=1)
    buckets.take("a", 0.0)
    assert all(taken(buckets, "a", n / 1001) for n in range(1, 1001))
    assert taken(buckets, "a", 1.0) == 0


def test_callers_do_not_share_a_bucket() -> None:
    """One that is empty costs another caller nothing."""
    buckets = Buckets(per_second=1.0, burst=1)
    buckets.take("a", 0.0)
    assert taken(buckets, "a", 0.0)
    assert not taken(buckets, "b", 0.0)


def test_the_table_is_bounded() -> None:
    """Who has asked least recently is forgotten first."""
    buckets = Buckets(per_second=0.001, burst=1, most=2)
    for caller in ("a", "b"):
        buckets.take(caller, 0.0)
    assert taken(buckets, "a", 0.0)
    buckets.take("c", 0.0)
    assert len(buckets) == 2
    assert taken(buckets, "a", 0.0)
    assert not taken(buckets, "b", 0.0)


def test_zero_is_no_limit() -> None:
    """Nobody is counted, and nobody remembered."""
    buckets = Buckets(per_second=0.0, burst=1)
    assert not any(taken(buckets, "a", 0.0) for _ in range(100))
    assert len(buckets) == 0


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::9", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        (None, ""),
        ("/run/socket", ""),
    ],
)
def test_a_network_of_ipv6_is_one_stranger(address: str | None, network: str) -> None:
    """A caller has 2^64 addresses there."""
    assert network_of(address) == network


@pytest.mark.parametrize(
    "wrong",
    [
        {"requests_per_second": -1.0},
        {"requests_burst": 0},
        {"stranger_requests_per_second": -0.1},
        {"stranger_requests_burst": 0},
    ],
)
def test_settings_that_mean_nothing_are_refused(wrong: dict[str, Any]) -> None:
    """The sentence names the key."""
    with pytest.raises(ValueError, match=next(iter(wrong))):
        WebSettings(**wrong)


def stop_time(door: Any, monkeypatch: pytest.MonkeyPatch, **burst: int) -> None:
    """Buckets of a size, in which nothing grows while the test runs."""
    limits = door.application[LIMITS]
    for kind, size in burst.items():
        buckets = getattr(limits, kind)
        buckets.burst = size
        buckets.per_second = 0.01
    moment = asyncio.get_running_loop().time()
    real = Buckets.take
    monkeypatch.setattr(Buckets, "take", lambda self, caller, _at: real(self, caller, moment))


async def test_a_caller_that_asks_too_often(ch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """429 with the seconds; the other authority is answered; the message log is not filled."""
    stop_time(ch, monkeypatch, callers=2)
    assert [(await ch.call("GET", INBOX, token="CH:MA"))[0] for _ in range(2)] == [200, 200]
    before = len(await log_of(ch.node))
    status, headers, body = await ch.call("GET", INBOX, token="CH:MA")
    problem = json.loads(body)
    assert (status, problem["code"], headers["Retry-After"]) == (429, "too_many_requests", "100")
    assert problem["retry_after"] == 100
    assert len(await log_of(ch.node)) == before
    assert (await ch.call("GET", INBOX, token="CH:CUSTOMS"))[0] == 200


async def test_a_stranger_that_asks_too_often(ch: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing and wrong tokens share a bucket; a good token from the same address is answered."""
    stop_time(ch, monkeypatch, strangers=2)
    assert (await ch.call("GET", INBOX))[0] == 401
    assert (await ch.call("GET", INBOX, token="ecites_guess"))[0] == 401
    status, _, body = await ch.call("GET", INBOX, token="ecites_another")
    assert (status, json.loads(body)["code"]) == (429, "too_many_requests")
    assert (await ch.call("GET", INBOX, token="CH:MA"))[0] == 200


@pytest.mark.parametrize("path", ["/api/v1/openapi.json", "/api/v1/docs"])
async def test_the_description_is_for_everybody_and_not_for_ever(
    path: str, ch: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who reads it again and again is told to wait, as the description says."""
    stop_time(ch, monkeypatch, strangers=1)
    assert [(await ch.call("GET", path))[0] for _ in range(2)] == [200, 429]


async def test_the_door_for_partners_is_not_counted(fr: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the health of the process."""
    stop_time(fr, monkeypatch, strangers=1, callers=1)
    data = envelope()
    for _ in range(3):
        assert (await fr.call("POST", "/exchange/v1/messages", data=data, Content_Type=XML))[0] == 200
        assert (await fr.call("GET", "/healthz"))[0] == 200
