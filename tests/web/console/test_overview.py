"""What needs somebody now, on the first page."""

import re
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from support.console import sign_in
from support.exchange import CH_CUSTOMS, CH_MA
from support.gateways import gateway_key
from support.keys import NOW

from gateway.clock import new_id
from gateway.errors import StorageError
from gateway.exchange.breaker import PartnerHealth
from gateway.exchange.delivery import DeliveryState
from gateway.people.proposals import Fact, Proposal, ProposalState
from gateway.people.rights import Post
from gateway.signatures.in_use import InUse, Purpose
from gateway.web.console import needs
from gateway.web.console.needs import Need
from gateway.wording import say


def figures(text):
    """What needs somebody: figure by title."""
    found = re.findall(
        r'<h3><span class="figure">([^<]+)</span> ([^<]+) <span class="badge', text.replace("\n", " ")
    )
    return {title.strip(): figure for figure, title in found}


async def test_when_nothing_needs_anybody_it_says_so(ch):
    status, _, text = await sign_in(ch, Post.OPERATOR).see("/console")
    assert status == 200
    assert "Nothing needs anybody at the moment." in text
    assert "could not be read" not in text
    assert "Nothing was refused." in text
    assert "everything has arrived" in text


async def test_what_is_stuck_stands_there_with_a_way_to_it(ch, desk):
    """Counts, codes, advice, and links that lead to just these."""
    visitor = sign_in(ch, Post.OPERATOR)
    _, _, text = await visitor.see("/console")
    assert figures(text) == {
        "Dead letters": "3",
        "No receipt until the deadline": "1",
        "Messages that have waited for more than an hour": "1",
    }
    assert "partner_answered_wrongly: 3, the last one on 2026-11-23 12:00:00 UTC" in text
    for link in ("?state=dead", "?state=no-receipt", "?state=unsettled&amp;older=1"):
        assert f'href="/console/deliveries{link}"' in text
    assert "Nothing needs anybody" not in text
    assert "7 went out" in text
    assert "1 came in" in text
    assert 'href="/console/deliveries?state=refused&amp;partner=fr"' in text


async def test_who_sees_one_authority_gets_its_counts(ch, desk):
    """And the figures of others are not kept for them."""
    await sign_in(ch, Post.OPERATOR).see("/console")
    _, _, text = await sign_in(ch, Post.OPERATOR, CH_CUSTOMS).see("/console")
    assert figures(text) == {"Dead letters": "1"}
    assert "0 came in" in text
    assert "1 went out" in text


async def test_partners_certificates_and_mailboxes_that_need_somebody(ch, desk):
    """For those who may see partners; not for others."""
    certificate = gateway_key("FR").certificate
    ch.node.clock.at = certificate.not_valid_after_utc - timedelta(days=5)
    at = ch.node.clock.now()
    ch.node.certificates = lambda: [InUse("fr", Purpose.PARTNER, "fr", certificate)]
    waiting = {"state": DeliveryState.WAITING, "next_attempt_at": at}
    await desk.put("boxed", created_at=at - timedelta(hours=25), **waiting)
    async with ch.database.write() as transaction:
        await transaction.health.put(
            PartnerHealth("fr", failures=9, probe_at=at, answered_at=NOW, error_code="partner_unreachable")
        )
        await transaction.health.put(PartnerHealth("gone", failures=9, probe_at=at))
    _, _, text = await sign_in(ch, Post.OPERATOR).see("/console")
    found = figures(text)
    assert found["Silent partners"] == "1"
    assert "fr: last answer 2026-11-23 12:00:00 UTC; 9 attempts without one" in text
    assert 'href="/console/partners/fr"' in text
    assert found["Certificates that end"] == "1"
    assert "days left: 5" in text
    assert found["Messages in mailboxes that nobody collects"] == "1"
    _, _, text = await sign_in(ch, Post.MA_OFFICER, CH_MA).see("/console")
    assert "Silent partners" not in text
    assert "Certificates that end" not in text


async def test_who_may_not_see_messages_gets_no_links_to_them(ch, desk):
    _, _, text = await sign_in(ch, Post.CUSTOMS_OFFICER, CH_MA).see("/console")
    assert "/console/deliveries" not in text
    assert "/console/messages" not in text


async def test_a_part_that_cannot_be_read_hides_no_other(ch, desk, monkeypatch):
    """The database fails for one question: the page says so, with status 200, and tells the rest."""
    visitor, read = sign_in(ch, Post.OPERATOR), ch.node.storage.read

    class Broken:
        """Counts queues no more."""

        def __init__(self, whole):
            self._whole = whole

        def __getattr__(self, name):
            if name in ("queues", "travelled"):
                raise StorageError("the disk is gone")
            return getattr(self._whole, name)

    @asynccontextmanager
    async def broken():
        async with read() as transaction:
            transaction.figures = Broken(transaction.figures)
            yield transaction

    monkeypatch.setattr(ch.node.storage, "read", broken)
    status, _, text = await visitor.see("/console")
    assert status == 200
    assert figures(text)["Dead letters"] == "3"
    assert "Something could not be read just now" in text
    assert "The figures of the last day could not be read just now." in text
    assert "the disk is gone" not in text


async def test_other_subjects_add_what_needs_somebody(ch, monkeypatch):
    """And one that fails hides nothing; its text is text."""

    async def waits(_request):
        facts = ("<i>a fact</i>",)
        return [Need("bad", say("Overview"), "2", facts, say("Overview"), "/console/log", say("Overview"))]

    async def fails(_request):
        raise RuntimeError("a mistake")

    monkeypatch.setattr(needs, "MORE", (("waits", waits), ("fails", fails)))
    status, _, text = await sign_in(ch, Post.OPERATOR).see("/console")
    assert status == 200
    assert figures(text) == {"Overview": "2"}
    assert "&lt;i&gt;a fact&lt;/i&gt;" in text
    assert "Something could not be read just now" in text


async def test_changes_of_trust_wait_for_those_who_may_agree(ch):
    """For administrators, with a way to them; for nobody else, and only while they wait."""
    change = Proposal(new_id(NOW), 0, frozenset({Fact("signs", "fr", "x")}), frozenset(), NOW)
    async with ch.database.write() as transaction:
        await transaction.proposals.add(change)
    _, _, text = await sign_in(ch, Post.ADMINISTRATOR).see("/console")
    assert figures(text) == {"Changes of trust": "1"}
    assert 'href="/console/trust"' in text
    assert figures((await sign_in(ch, Post.OPERATOR).see("/console"))[2]) == {}
    async with ch.database.write() as transaction:
        await transaction.proposals.put(replace(change, state=ProposalState.REFUSED))
    assert figures((await sign_in(ch, Post.ADMINISTRATOR).see("/console"))[2]) == {}


async def test_what_was_seen_is_kept_for_a_moment(ch, desk):
    """Ten people who look cost no more than one; a little later it is looked up again."""
    visitor = sign_in(ch, Post.OPERATOR)
    await visitor.see("/console")
    await desk.put("another", state=DeliveryState.DEAD, settled_at=NOW)
    assert figures((await visitor.see("/console"))[2])["Dead letters"] == "3"
    ch.node.clock.forward(seconds=11)
    assert figures((await visitor.see("/console"))[2])["Dead letters"] == "4"


@pytest.mark.parametrize("language", ["fr", "es"])
async def test_the_page_speaks_the_language_of_the_viewer(ch, desk, language):
    """No English sentence of ours is left."""
    _, _, text = await sign_in(ch, Post.OPERATOR, language=language).see("/console")
    for english in (
        "Dead letters",
        "needs somebody",
        "Look at them",
        "the last one on",
        "came in",
        "As numbers",
    ):
        assert english not in text


async def test_each_chart_has_a_name_and_a_table(ch, desk):
    _, _, text = await sign_in(ch, Post.OPERATOR).see("/console")
    charts = re.findall(r'<svg class="chart"[^>]* role="img" aria-label="([^"]+)"', text)
    assert charts == ["Messages by the hour", "Time until the receipt", "Refused by the hour"]
    assert text.count("<details><summary>As numbers") == 3
    assert text.count('<tr><th scope="row">') == 3 * 24
    assert 'class="bar hollow"' in text
