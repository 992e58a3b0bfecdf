"""Looking for messages in both directions, and all about one."""

import html
import re

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import envelope
from support.permits import sealed_bytes

from gateway.flows.ports import Trail
from gateway.flows.receive import receive
from gateway.people.rights import Post
from gateway.web.console.asking import PAGE

LIST = "/console/messages"


def permits(text):
    """The permits in the list, in order."""
    return re.findall(r'href="/console/messages/[^"]+">(?:CH CH-|FR )([^<]+)</a>', text)


OUT = ["dead-one", "dead-two", "silent", "done", "refused", "customs-dead", "queued"]


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["26/FR/77", *OUT]),
        ("?direction=in", ["26/FR/77"]),
        ("?direction=out&partner=fr", OUT),
        ("?outcome=refused", ["26/FR/77"]),
        ("?kind=test", []),
        ("?authority=CH:CUSTOMS", ["customs-dead"]),
        ("?until=2026-11-23T09:30", ["queued"]),
        ("?number=CH-dead-one&direction=in", ["26/FR/77"]),
    ],
)
async def test_messages_are_found(ch, desk, asked, expected):
    """The newest first; a permit number in an address is not read."""
    status, _, text = await sign_in(ch, Post.AUDITOR).see(LIST + asked)
    assert status == 200
    assert permits(text) == expected


async def test_the_list_says_what_became_of_each(ch, desk):
    """What we answered, or where its delivery stands."""
    _, _, text = await sign_in(ch, Post.OPERATOR).see(LIST + "?direction=in")
    assert "✗</span> refused" in text
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.send(LIST, ("number", "CH-silent"))
    assert permits(text) == ["silent"]
    assert "!</span> no receipt" in text


async def test_who_sees_one_authority_finds_what_concerns_it(ch, desk):
    """In the list, in a search, and on every address of a message; what is not theirs is like none."""
    customs = sign_in(ch, Post.OPERATOR, CH_CUSTOMS)
    assert permits((await customs.see(LIST))[2]) == ["customs-dead"]
    assert permits((await customs.send(LIST, ("number", "26/FR/77")))[2]) == []
    theirs, mine = desk.messages["come"], desk.messages["customs-dead"]
    for tail in ("", "/envelope", "/receipt"):
        found = await customs.see(f"{LIST}/in/FR:MA/{theirs.message_id}{tail}", X_Correlation_ID="12345678")
        none = await customs.see(f"{LIST}/in/FR:MA/nothing{tail}", X_Correlation_ID="12345678")
        assert found[0] == none[0] == 404
        assert found[2].replace(theirs.message_id, "nothing") == none[2]
    assert (await customs.see(f"{LIST}/out/CH:CUSTOMS/{mine.message_id}"))[0] == 200
    for nowhere in ("up/CH:MA", "out/nobody"):
        assert (await customs.see(f"{LIST}/{nowhere}/{mine.message_id}"))[0] == 404


async def test_page_after_page_every_message_is_shown_once(ch, desk):
    for n in range(PAGE):
        await desk.put(f"more-{n}")
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.see(LIST)
    seen, (following,) = permits(text), re.findall(r'rel="next" href="([^"]+)"', text)
    _, _, text = await visitor.see(html.unescape(following))
    seen += permits(text)
    assert len(seen) == len(set(seen)) == len(desk.messages)
    assert 'rel="next"' not in text


async def test_all_about_a_message_that_came(fr):
    """The receipt is ours; what we found is told with the rule; the bytes are handed out as they came."""
    data = envelope(sealed_bytes("CH-2026-000999"))
    receipt = await receive(data, fr.node, Trail())
    visitor = sign_in(fr, Post.OPERATOR)
    _, _, text = await visitor.see(LIST)
    (path,) = re.findall(r'href="(/console/messages/in/[^"]+)"', text)
    _, _, text = await visitor.see(path)
    assert "What we found" in text
    assert "CN=fr gateway" in text
    assert text.count("✗</span> refused") == 2  # above, and in the receipt
    assert "received" in text
    for tail, expected in (("envelope", data), ("receipt", receipt)):
        async with fr.session.get(f"{fr.url}{path}/{tail}") as answer:
            assert await answer.read() == expected


async def test_a_receipt_that_cannot_be_read_is_an_error_as_a_page(ch, desk):
    """What is stored broke: the page says so, and nothing else breaks."""
    come = desk.messages["come"]
    status, headers, _ = await sign_in(ch, Post.OPERATOR).see(f"{LIST}/in/FR:MA/{come.message_id}")
    assert status >= 400
    assert headers["Content-Type"].startswith("text/html")


@pytest.mark.parametrize("post", [Post.CUSTOMS_OFFICER, Post.ADMINISTRATOR])
async def test_who_may_not_look_is_turned_away(ch, desk, post):
    assert (await sign_in(ch, post, CH_MA).see(LIST))[0] == 403


@pytest.mark.parametrize(
    "asked",
    ["?direction=up", "?kind=x", "?outcome=x", "?after=x", "?after=2026-11-24~x", "?number=xxx"],
)
async def test_what_cannot_be_looked_for_is_told_as_a_page(ch, asked):
    status, _, text = await sign_in(ch, Post.OPERATOR).see(LIST + asked)
    assert (status == 200) is ("number" in asked)
    assert ("This did not work" in text) is ("number" not in asked)


async def test_a_permit_number_that_is_too_long_is_turned_away(ch):
    assert (await sign_in(ch, Post.OPERATOR).send(LIST, ("number", "x" * 36)))[0] == 400
