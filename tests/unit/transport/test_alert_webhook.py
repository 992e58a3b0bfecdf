"""Alerts to an address: signed, one request for each, the same id when it is sent again."""

import json

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook as Verifier
from support.alerts import alert
from support.exchange import CH_MA
from support.webhooks import SECRET

from gateway import clock
from gateway.errors import PartnerAnsweredWrongly
from gateway.signatures.webhooks import read_secret
from gateway.transport.alert_webhook import AlertWebhook
from gateway.transport.rest import TransportSettings
from gateway.transport.tls import ClientTls


@pytest.fixture
async def asked():
    """A server; gives its address and what came: headers and body; `status` is what it answers."""
    came, how = [], {"status": 204}

    async def take(request):
        came.append(({name.lower(): value for name, value in request.headers.items()}, await request.text()))
        return web.Response(status=how["status"])

    application = web.Application()
    application.router.add_post("/alerts", take)
    server = TestServer(application, host="127.0.0.1")
    await server.start_server()
    yield str(server.make_url("/alerts")), came, how
    await server.close()


@pytest.fixture
def receiver(asked):
    """Tells that server."""
    return AlertWebhook(asked[0], CH_MA, TransportSettings(), ClientTls, lambda: (read_secret(SECRET, ""),))


async def test_each_is_signed_and_says_what_is_wrong(receiver, asked):
    """Verified by the library of the specification; nothing of it is a permit."""
    at = clock.now()
    await receiver.tell([alert("fr"), alert("de", ended_at=at)], at)
    said = [Verifier(SECRET).verify(body, headers) for headers, body in asked[1]]
    assert [each["type"] for each in said] == ["ecites.alert.begun", "ecites.alert.ended"]
    assert said[0]["data"]["gateway"] == "CH:MA"
    assert said[0]["data"]["text"] == alert("fr").text
    assert said[0]["data"]["advice"].startswith("see why with ecites dead list")
    assert said[1]["data"]["ended_at"]


async def test_one_that_is_sent_again_has_the_same_id(receiver, asked):
    """So that its receiver can tell; begin and end have two."""
    at = clock.now()
    for each in (alert(), alert(), alert(ended_at=at)):
        await receiver.tell([each], at)
    first, again, end = (headers["webhook-id"] for headers, _ in asked[1])
    assert first == again != end


async def test_anything_but_success_is_an_error(receiver, asked):
    """The flow tells it again."""
    asked[2]["status"] = 500
    with pytest.raises(PartnerAnsweredWrongly):
        await receiver.tell([alert()], clock.now())


async def test_a_test_says_that_it_is_one(receiver, asked):
    """`ecites alert test`."""
    await receiver.test(clock.now())
    assert json.loads(asked[1][0][1])["type"] == "ecites.alert.test"
