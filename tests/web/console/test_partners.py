"""Partners: how they do, what was agreed, and trying one out."""

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import DirectCourier, SetClock, french, gateway_key, log_of, ma_key
from support.keys import NOW
from support.memory import MemoryStorage

from gateway.errors import PartnerUnreachable
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.channels import Allowed, Channel, ChannelRule
from gateway.exchange.directory import Directory
from gateway.exchange.records import Direction
from gateway.exchange.retry import RetryPolicy
from gateway.people.rights import Post
from gateway.signatures.in_use import InUse, Purpose
from gateway.signatures.keys import fingerprint
from gateway.web.console import partners

LIST = "/console/partners"


def agree(node, **changes):
    """What is agreed with France."""
    partner = replace(node.directory.partners["fr"], **changes)
    node.directory = Directory(node.directory.hosted, {"fr": partner})


async def test_the_list_tells_how_each_does(ch, desk):
    """From its last attempts: 5 tried, of which 2 brought a receipt."""
    async with ch.database.write() as transaction:
        await transaction.health.put(
            PartnerHealth("fr", failures=4, probe_at=NOW + timedelta(minutes=1), answered_at=NOW)
        )
    status, _, text = await sign_in(ch, Post.AUDITOR).see(LIST)
    assert status == 200
    assert "✗</span> silent" in text
    assert "4 failures in a row" in text
    assert ">2/5<" in text
    assert "0.25 / 0.25" in text
    assert 'class="number">1</td>' in text  # one waits


async def test_of_the_queue_only_what_is_theirs_is_counted(ch, desk):
    _, _, text = await sign_in(ch, Post.OPERATOR, CH_CUSTOMS).see(LIST)
    assert 'class="number">0</td>' in text


async def test_all_about_one_partner(ch, desk):
    """What is agreed, certificates with dates and fingerprints, the last deliveries."""
    agree(
        ch.node,
        versions=("v2", "v3"),
        allowed=(Allowed(Direction.IN, "permit"), Allowed(Direction.OUT, "status")),
        channels=(Channel(ChannelRule.ACT_FOR, CH_CUSTOMS), Channel(ChannelRule.FORWARD_COPY, CH_MA)),
        retry=RetryPolicy(7.0, 3.0, 70.0, 9.0),
    )
    signs, seals = gateway_key("FR").certificate, ma_key("FR").certificate
    ch.node.certificates = lambda: [
        InUse("fr", Purpose.PARTNER, "fr", signs),
        InUse("fr", Purpose.TLS, "fr (TLS)", seals),
        InUse("FR:MA", Purpose.PARTNER, "FR:MA", seals),
        InUse("CH:MA", Purpose.SEAL, "CH:MA", ma_key("CH").certificate),
    ]
    status, _, text = await sign_in(ch, Post.OPERATOR).see(f"{LIST}/fr")
    assert status == 200
    assert "v2, v3" in text
    assert "<dt>It may send</dt><dd>permit</dd>" in text
    assert "<dt>We may send</dt><dd>status</dd>" in text
    assert "it speaks for CH:CUSTOMS" in text
    assert "what comes from it also goes to CH:MA" in text
    assert "after 7 s, each pause 3 times the one before, at most 70 s; given up after 9 hours" in text
    assert text.count(fingerprint(seals)) == 2
    assert text.count(fingerprint(signs)) == 1
    assert fingerprint(ma_key("CH").certificate) not in text
    assert "connection (TLS)" in text
    assert "CH-customs-dead" in text
    _, _, text = await sign_in(ch, Post.OPERATOR, CH_CUSTOMS).see(f"{LIST}/fr")
    assert "CH-customs-dead" in text
    assert "CH-dead-one" not in text


@pytest.mark.parametrize(
    ("days", "words"), [(-1, "not yet good"), (100, "days left"), (340, "days left"), (400, "has ended")]
)
async def test_a_certificate_says_how_long_it_is_good(ch, days, words):
    certificate = gateway_key("FR").certificate
    ch.node.certificates = lambda: [InUse("fr", Purpose.PARTNER, "fr", certificate)]
    ch.node.clock.at = certificate.not_valid_before_utc + timedelta(days=days)
    _, _, text = await sign_in(ch, Post.OPERATOR).see(f"{LIST}/fr")
    assert words in text


async def test_an_unknown_partner_is_not_there(ch):
    visitor = sign_in(ch, Post.OPERATOR)
    assert (await visitor.see(f"{LIST}/it"))[0] == 404
    assert (await visitor.send(f"{LIST}/it/test"))[0] == 404


@pytest.mark.parametrize("post", [Post.MA_OFFICER, Post.CUSTOMS_OFFICER])
async def test_who_may_not_look_is_turned_away(ch, post):
    visitor = sign_in(ch, post, CH_MA)
    for path in (LIST, f"{LIST}/fr"):
        assert (await visitor.see(path))[0] == 403


async def test_a_partner_is_tried_out_and_the_log_knows_who_did_it(ch):
    """Each trial with what was expected and what came."""
    there = french(MemoryStorage(), SetClock())
    ch.node.enquirer = DirectCourier(there)
    status, _, text = await sign_in(ch, Post.OPERATOR).send(f"{LIST}/fr/test")
    assert status == 200
    assert "The partner answers as it must" in text
    assert text.count("✓</span> passed") == 3
    assert "a test message gets a signed receipt for its bytes" in text
    (entry,) = await log_of(ch.node, kind="tested")
    assert (entry.actor, entry.partner, entry.outcome) == ("Ada", "fr", "passed")


async def test_a_partner_that_fails_is_told_with_its_words_as_text(ch):
    there = french(MemoryStorage(), SetClock())
    ch.node.enquirer = DirectCourier(there, [PartnerUnreachable("<b>no</b> connection")])
    _, _, text = await sign_in(ch, Post.OPERATOR).send(f"{LIST}/fr/test")
    assert "not as it must be" in text
    assert "&lt;b&gt;no&lt;/b&gt; connection" in text
    assert "<b>no</b>" not in text
    assert (await log_of(ch.node, kind="tested"))[0].outcome == "failed"


async def test_nobody_waits_for_ever_for_a_partner(ch, monkeypatch):
    """One that never answers is one failed trial."""
    monkeypatch.setattr(partners, "TEST_SECONDS", 0.01)

    class Deaf:
        """Never answers."""

        async def carry(self, _partner, _envelope):
            await asyncio.Event().wait()

    ch.node.enquirer = Deaf()
    status, _, text = await sign_in(ch, Post.OPERATOR).send(f"{LIST}/fr/test")
    assert status == 200
    assert "not within 0.01 seconds" in text


async def test_a_test_needs_the_right_a_form_and_a_way(ch):
    there = french(MemoryStorage(), SetClock())
    ch.node.enquirer = courier = DirectCourier(there)
    assert (await sign_in(ch, Post.AUDITOR).send(f"{LIST}/fr/test"))[0] == 403
    assert (await sign_in(ch, Post.OPERATOR).send(f"{LIST}/fr/test", csrf="guessed"))[0] == 403
    assert courier.carried == []
    assert 'action="/console/partners/fr/test"' not in (await sign_in(ch, Post.AUDITOR).see(f"{LIST}/fr"))[2]
    agree(ch.node, mailbox=True)
    assert (await sign_in(ch, Post.OPERATOR).send(f"{LIST}/fr/test"))[0] == 403
    agree(ch.node, mailbox=False)
    ch.node.enquirer = None
    assert (await sign_in(ch, Post.OPERATOR).send(f"{LIST}/fr/test"))[0] == 403
