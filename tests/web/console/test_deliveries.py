"""Looking for deliveries, and all about one."""

import html
import re

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA, FR_MA
from support.gateways import DirectCourier, SetClock, french
from support.keys import NOW
from support.memory import MemoryStorage
from support.permits import permit_bytes

from gateway.exchange.delivery import DeliveryState, Room
from gateway.flows.deliver import deliver
from gateway.flows.issue import issue
from gateway.flows.ports import Trail
from gateway.people.rights import Post
from gateway.web.console.asking import PAGE

LIST = "/console/deliveries"


def permits(text):
    """The permits in the table of a page, in order."""
    return re.findall(r'href="/console/deliveries/[^"]+">CH CH-([^<]+)</a>', text)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("", ["dead-one", "dead-two", "silent", "done", "refused", "customs-dead", "queued"]),
        ("?state=dead-letters", ["dead-one", "dead-two", "silent", "customs-dead"]),
        ("?state=no-receipt", ["silent"]),
        ("?state=unsettled", ["queued"]),
        ("?error=partner_unreachable", ["silent"]),
        ("?partner=fr&state=delivered", ["done"]),
        ("?partner=de", []),
        ("?authority=ch:customs", ["customs-dead"]),
        ("?older=2", ["queued"]),
        ("?since=2026-11-23T11:50&state=dead", ["dead-one"]),
        ("?until=2026-11-23T09:30", ["queued"]),
        ("?state=dead&number=CH-dead-two", ["dead-one", "dead-two", "customs-dead"]),
    ],
)
async def test_deliveries_are_found(ch, desk, asked, expected):
    """The newest first; a permit number in an address is not read."""
    status, _, text = await sign_in(ch, Post.OPERATOR).see(LIST + asked)
    assert status == 200
    assert permits(text) == expected


async def test_who_sees_one_authority_finds_what_concerns_it(ch, desk):
    """Whatever is asked for."""
    customs = sign_in(ch, Post.OPERATOR, CH_CUSTOMS)
    assert permits((await customs.see(LIST))[2]) == ["customs-dead"]
    assert permits((await customs.see(LIST + "?authority=CH:MA"))[2]) == []
    _, _, text = await customs.send(LIST, ("number", "CH-dead-one"))
    assert permits(text) == []


async def test_what_was_typed_goes_into_the_address_but_not_a_permit_number(ch, desk):
    visitor = sign_in(ch, Post.OPERATOR)
    status, headers, _ = await visitor.send(LIST, ("state", "dead"), ("partner", " fr "))
    assert (status, headers["Location"]) == (303, LIST + "?state=dead&partner=fr")
    status, headers, text = await visitor.send(LIST, ("number", "CH-silent"), ("state", "dead-letters"))
    assert status == 200
    assert "Location" not in headers
    assert permits(text) == ["silent"]
    assert "number=" not in text


async def test_page_after_page_every_delivery_is_shown_once(ch, desk):
    """With links, and with a form where a permit number is looked for."""
    for n in range(PAGE):
        await desk.put(f"more-{n}", permit=desk.records["queued"].permit)
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.see(LIST)
    first, (following,) = permits(text), re.findall(r'rel="next" href="([^"]+)"', text)
    _, _, text = await visitor.see(html.unescape(following))
    assert len(first) == PAGE
    assert len(permits(text)) == 7
    assert 'rel="next"' not in text

    _, _, text = await visitor.send(LIST, ("number", "CH-queued"))
    assert permits(text) == ["queued"] * PAGE
    (after,) = re.findall(r'name="after" value="([^"]+)"', text)
    _, _, text = await visitor.send(LIST, ("number", "CH-queued"), ("after", after))
    assert permits(text) == ["queued"]


@pytest.mark.parametrize(
    "asked",
    [
        "?state=nonsense",
        "?authority=x",
        "?since=yesterday",
        "?older=-1",
        "?after=%3Cb%3E",
        "?message=%20a%20b",
        "?partner=" + "x" * 300,
    ],
)
async def test_what_cannot_be_looked_for_is_told_as_a_page(ch, asked):
    status, headers, text = await sign_in(ch, Post.OPERATOR).see(LIST + asked)
    assert status == 400
    assert headers["Content-Type"].startswith("text/html")
    assert "This did not work" in text


async def test_all_about_one_delivery(ch, desk):
    """State in words, error, attempt with advice, the log; what a partner wrote is text and nothing else."""
    record = desk.records["dead-one"]
    status, _, text = await sign_in(ch, Post.OPERATOR).see(f"{LIST}/{record.id}")
    assert status == 200
    assert "the gateway has given up" in text
    assert "<script>" not in text
    assert text.count("&lt;script&gt;alert(1)") == 2  # above, and at the attempt
    assert "compare certificates with its operator" in text
    assert "http://fr.invalid/" in text
    assert "told of dead-one" in text
    assert f"/console/messages/out/CH:MA/{record.message_id}" in text
    assert "There is no receipt." in text
    assert 'value="requeue"' in text
    assert 'value="retry"' not in text


@pytest.mark.parametrize("post", [Post.AUDITOR, Post.MA_OFFICER])
async def test_who_may_only_look_gets_no_buttons(ch, desk, post):
    visitor = sign_in(ch, post, CH_MA)
    for path in (LIST, f"{LIST}/{desk.records['dead-one'].id}"):
        _, _, text = await visitor.see(path)
        assert "dead-one" in text
        assert 'name="act"' not in text


@pytest.mark.parametrize("post", [Post.CUSTOMS_OFFICER, Post.ADMINISTRATOR])
async def test_who_may_not_look_is_turned_away(ch, desk, post):
    visitor = sign_in(ch, post, CH_MA)
    for path in (LIST, f"{LIST}/{desk.records['dead-one'].id}"):
        assert (await visitor.see(path))[0] == 403


async def test_a_delivery_of_another_authority_is_like_none(ch, desk):
    """Word for word, on every address of it."""
    customs = sign_in(ch, Post.OPERATOR, CH_CUSTOMS)
    for tail in ("", "/envelope", "/receipt"):
        theirs = await customs.see(f"{LIST}/{desk.records['dead-one'].id}{tail}", X_Correlation_ID="12345678")
        none = await customs.see(f"{LIST}/nothing{tail}", X_Correlation_ID="12345678")
        assert theirs[0] == none[0] == 404
        assert theirs[2].replace(desk.records["dead-one"].id, "nothing") == none[2]
    assert (await customs.see(f"{LIST}/{desk.records['customs-dead'].id}"))[0] == 200


async def test_related_deliveries_stay_within_the_boundary(ch, desk):
    """Of one submission each sees its own."""
    mine = desk.records["dead-one"]
    await desk.put("other", conversation_id=mine.conversation_id, sender=CH_CUSTOMS, recipient=FR_MA)
    await desk.put("sibling", conversation_id=mine.conversation_id)
    _, _, text = await sign_in(ch, Post.OPERATOR, CH_MA).see(f"{LIST}/{mine.id}")
    assert permits(text) == ["sibling"]
    _, _, text = await sign_in(ch, Post.OPERATOR).see(f"{LIST}/{mine.id}")
    assert permits(text) == ["sibling", "other"]


async def test_the_envelope_is_handed_out_byte_for_byte(ch, desk):
    record = desk.records["done"]
    visitor = sign_in(ch, Post.OPERATOR)
    status, headers, text = await visitor.see(f"{LIST}/{record.id}/envelope")
    assert (status, text) == (200, "<envelope>done</envelope>")
    assert headers["Content-Disposition"] == f'attachment; filename="envelope-{record.message_id}.xml"'
    assert (await visitor.see(f"{LIST}/{record.id}/receipt"))[0] == 404


async def test_a_receipt_is_shown_with_its_signer_and_handed_out(ch):
    """A permit that France has accepted."""
    await issue(permit_bytes(), CH_MA, "", ch.node, Trail())
    there = french(MemoryStorage(), SetClock())
    async with ch.database.write() as transaction:
        (record,) = await transaction.deliveries.claim(
            at=NOW, lease_until=NOW, worker="w", limit=9, room=Room(9)
        )
    await deliver(record, "w", ch.node, DirectCourier(there))
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.see(f"{LIST}/{record.id}")
    assert "✓</span> accepted" in text
    assert "CN=fr gateway" in text
    assert f"/console/evidence/{record.message_id}" in text
    assert permits(text) == ["2026-000123"]  # its sibling, handed over here
    status, _, receipt = await visitor.see(f"{LIST}/{record.id}/receipt")
    assert status == 200
    assert record.message_id in receipt
    # Without the partner's certificate it is shown all the same, and said to be in doubt.
    ch.node.trust = type(ch.node.trust)({})
    _, _, text = await visitor.see(f"{LIST}/{record.id}")
    assert "not provable with the certificates of today" in text


@pytest.mark.parametrize("state", DeliveryState)
async def test_every_state_has_words(ch, desk, state):
    """In three languages, with advice."""
    record = await desk.put("each", state=state)
    for language in ("en", "fr", "es"):
        status, _, text = await sign_in(ch, Post.OPERATOR, language=language).see(f"{LIST}/{record.id}")
        assert status == 200
        assert 'class="note ' in text
