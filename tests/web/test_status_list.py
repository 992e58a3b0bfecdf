"""The signed status list that every gateway hands out for its own Management Authority."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from support.exchange import CH_CUSTOMS, CH_MA, FR_MA
from support.permits import permit_bytes
from support.statements import issuers

from gateway.exchange.directory import Directory
from gateway.flows.give_notice import give_notice
from gateway.flows.issue import issue
from gateway.flows.ports import Trail
from gateway.flows.status_lists import newest_list, prove_lists
from gateway.permits.identity import PermitRef
from gateway.permits.notices import PermitStatus, StatusChange
from gateway.permits.status_list import StatusList
from gateway.web.status_list import FRESH_FOR

REF = PermitRef("CH", "CH-2026-000123")


async def fetched(ch: Any) -> StatusList:
    """The list, proven with the certificates of Switzerland, as it is now."""
    status, headers, body = await ch.call("GET", "/status-list/CH")
    assert (status, headers["Content-Type"].partition(";")[0]) == (200, "application/jose")
    whom = issuers()
    found = newest_list("CH", prove_lists([("ch", body.decode().strip())], whom), whom, ch.node.clock.now())
    assert found is not None
    return found


async def cancelled(ch: Any) -> None:
    """The permit is issued and taken back."""
    await issue(permit_bytes(REF.number), CH_MA, "", ch.node, Trail())
    await give_notice(
        lambda new_id, by, at: StatusChange(
            new_id, REF, by, at, status=PermitStatus.CANCELLED, reason="test"
        ),
        REF,
        CH_MA,
        "",
        "",
        ch.node,
        Trail(),
    )


async def test_anybody_fetches_it(ch: Any) -> None:
    """Without a token: signed by the seal, and it counts for two days."""
    statuses = await fetched(ch)
    assert statuses.listed == {}
    assert statuses.counts_until - statuses.made_at == timedelta(hours=48)
    _, headers, _ = await ch.call("GET", "/status-list/CH")
    assert headers["Cache-Control"] == "public, max-age=300"


async def test_what_the_gateway_knows_is_on_it(ch: Any, clock: Any) -> None:
    """A cancelled permit, and when; the list of a moment ago is handed out again until it is too old."""
    before = await fetched(ch)
    await cancelled(ch)
    assert await fetched(ch) == before
    clock.forward(seconds=FRESH_FOR.total_seconds())
    listed = (await fetched(ch)).find(REF)
    assert listed is not None
    assert listed.status is PermitStatus.CANCELLED


async def test_a_clock_that_was_set_back(ch: Any, clock: Any) -> None:
    """A list from the future is not handed out."""
    clock.forward(days=3)
    await fetched(ch)
    clock.forward(days=-3)
    assert (await fetched(ch)).made_at <= clock.now()


async def test_a_party_that_is_not_ours(ch: Any) -> None:
    """Nobody here signs for France, nor for what is no Party."""
    for party in ("FR", "XX", "ch", "%2E%2E"):
        assert (await ch.call("GET", f"/status-list/{party}"))[0] == 404


async def test_a_seal_that_has_ended(ch: Any, clock: Any) -> None:
    """No list is better than one that nobody may believe."""
    clock.forward(days=4000)
    assert (await ch.call("GET", "/status-list/CH"))[0] == 404


async def test_a_seal_of_an_authority_that_lives_here_no_more(ch: Any) -> None:
    """Its key may still lie in the folder; nothing is said in its name."""
    ch.node.directory = Directory(frozenset({CH_CUSTOMS}), ch.node.directory.partners)
    assert (await ch.call("GET", "/status-list/CH"))[0] == 404
    partner = replace(ch.node.directory.partners["fr"], authorities=(CH_MA, FR_MA))
    ch.node.directory = Directory(frozenset({CH_CUSTOMS}), {"fr": partner})
    assert (await ch.call("GET", "/status-list/CH"))[0] == 404
