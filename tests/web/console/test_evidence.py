"""The button that makes a file of a message and its receipt: for whom, and what is in it."""

import io
import zipfile
from dataclasses import replace

import pytest
from support.console import sign_in
from support.exchange import CH_MA, delivery
from support.exchange import message as a_message
from support.gateways import envelope, header, log_of
from web.console.test_permits import DE_MA, on_a_hub

from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.people.rights import Post, Right
from gateway.permits.identity import AuthorityId

FR_MA, FR_CUSTOMS = AuthorityId.parse("FR:MA"), AuthorityId.parse("FR:CUSTOMS")


async def came_in(fr) -> str:
    """France has a message with its receipt; the id."""
    sent = header()
    await receive(envelope(message_id=sent.message_id), fr.node, Trail())
    return sent.message_id


async def take(door, message_id: str) -> tuple[int, bytes, str]:
    """Status, bytes and name of the answer."""
    async with door.session.get(f"{door.url}/console/evidence/{message_id}") as answer:
        return answer.status, await answer.read(), answer.headers.get("Content-Disposition", "")


async def test_the_file_holds_message_and_receipt(fr):
    """Exactly as they came and went; who took it is in the log."""
    message_id = await came_in(fr)
    sign_in(fr, Post.MA_OFFICER, FR_MA)
    status, data, name = await take(fr, message_id)
    assert (status, name) == (200, f'attachment; filename="evidence-{message_id}.zip"')
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert any("envelope" in each or "message" in each for each in names), names
    assert any("receipt" in each for each in names), names
    (noted,) = await log_of(fr.node, kind="exported")
    assert (noted.actor, noted.message_id, noted.outcome) == ("Ada", message_id, "evidence")


async def test_a_message_that_concerns_others(fr):
    """Like one that is not here; also when another sender used the same id."""
    on_a_hub(fr)
    message_id = await came_in(fr)
    sign_in(fr, Post.MA_OFFICER, DE_MA)
    here, nowhere = await take(fr, message_id), await take(fr, "01a20846-fe00-7000-8000-000000000000")
    assert (here[0], nowhere[0]) == (404, 404)
    assert await log_of(fr.node, kind="exported") == []
    theirs = a_message(message_id=message_id, sender=DE_MA, recipient=CH_MA)
    async with fr.database.write() as transaction:
        await transaction.messages.add(theirs)
    assert (await take(fr, message_id))[0] == 404


async def test_an_id_that_is_somebodys_delivery(fr):
    """A partner that gives its message the id of another's delivery does not get that one's evidence."""
    message_id = await came_in(fr)
    async with fr.database.write() as transaction:
        await transaction.deliveries.add([replace(delivery(), id=message_id)])
    sign_in(fr, Post.MA_OFFICER, FR_MA)
    status, page, _ = await take(fr, message_id)
    assert status == 404
    assert b"there is no such message here" in page


@pytest.mark.parametrize("post", list(Post))
async def test_who_may_take_it(fr, post):
    """Those whose post may export."""
    message_id = await came_in(fr)
    wanted = 200 if sign_in(fr, post).person.may(Right.EXPORT_LOG) else 403
    assert (await take(fr, message_id))[0] == wanted
