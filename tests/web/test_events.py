"""The feed at the door: its two addresses, who may use them, and every refusal."""

import json
from typing import Any

import pytest
from support.exchange import CH_MA, FR_MA, REF, ids
from support.happenings import arrive
from support.keys import NOW

from gateway.exchange.events import Event, EventKind
from gateway.web.rest.events import MOST_EVENTS

FEED = "/api/v1/events"
TAKE = f"{FEED}/acknowledgement"
MA = "FR:MA"
JSON = {"Content_Type": "application/json"}


async def asked(door: Any, path: str = FEED, token: str = MA, method: str = "GET", **more: Any) -> Any:
    """Status and JSON of an answer."""
    status, _, body = await door.call(method, path, token=token, **more)
    return status, json.loads(body)


async def taken(door: Any, body: Any, token: str = MA) -> Any:
    """Acknowledge."""
    return await asked(door, TAKE, token, "POST", data=json.dumps(body).encode(), **JSON)


async def test_an_empty_feed(fr: Any) -> None:
    """Nothing, and the cursor that was asked for."""
    assert await asked(fr) == (200, {"events": [], "next": ""})
    assert await asked(fr, f"{FEED}?after=abc") == (200, {"events": [], "next": "abc"})


async def test_what_happened_is_listed_until_it_is_acknowledged(fr: Any) -> None:
    """Over a real database: the event, its cursor, the acknowledgement; the other authority keeps its own."""
    await arrive(fr.node)
    status, page = await asked(fr)
    (event,) = page["events"]
    assert (status, page["next"]) == (200, event["id"])
    assert (event["type"], event["data"]["permit"]["balances"][0]["left"]) == ("permit.arrived", "40")
    assert (await asked(fr, f"{FEED}?after={page['next']}"))[1]["events"] == []
    for _ in range(2):
        assert await taken(fr, {"ids": [event["id"], event["id"]]}) == (200, {"acknowledged": [event["id"]]})
    assert (await asked(fr))[1]["events"] == []
    (theirs,) = (await asked(fr, token="FR:CUSTOMS"))[1]["events"]
    assert theirs["source"] == "urn:ecites-gateway:events:FR:CUSTOMS"
    assert (await taken(fr, {"ids": [theirs["id"]]}))[0] == 404
    assert theirs["id"] != event["id"]
    assert str(FR_MA) == event["source"].removeprefix("urn:ecites-gateway:events:")


@pytest.mark.parametrize(
    "body", [{}, {"ids": []}, {"ids": "x"}, {"ids": [1]}, {"ids": ["x"] * 3, "more": 1}, {"ids": None}, []]
)
async def test_an_acknowledgement_of_another_shape_is_refused(fr: Any, body: Any) -> None:
    """A list of at least one text, and nothing else."""
    status, problem = await taken(fr, body)
    assert (status, problem["code"]) == (400, "malformed_request")


@pytest.mark.parametrize(("count", "status"), [(200, 404), (201, 400)])
async def test_so_many_are_acknowledged_at_once(fr: Any, count: int, status: int) -> None:
    """As many as a page can have."""
    assert (await taken(fr, {"ids": [str(number) for number in range(count)]}))[0] == status


async def test_a_page_has_an_end(fr: Any) -> None:
    """However much is asked for: each permit of a page costs a look at its seal."""
    told = [Event(new, FR_MA, EventKind.ARRIVED, REF, CH_MA, "item", NOW) for new in ids(MOST_EVENTS + 1)]
    async with fr.database.write() as transaction:
        await transaction.events.add(told)
    for query in ("", "?limit=200"):
        assert len((await asked(fr, f"{FEED}{query}"))[1]["events"]) == MOST_EVENTS
    assert len((await asked(fr, f"{FEED}?limit=2"))[1]["events"]) == 2


async def test_strangers_see_nothing(fr: Any) -> None:
    """Without a token of an authority neither address answers."""
    for path, method in ((FEED, "GET"), (TAKE, "POST")):
        assert (await asked(fr, path, "", method))[0] == 401
    assert (await fr.call("HEAD", FEED, token="FR:MA"))[0] == 405
