"""People look for permits: status worked out now, pages, the boundary; and open one."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from support.exchange import CH_CUSTOMS, CH_MA, FR_CUSTOMS
from support.gateways import SetClock, swiss
from support.keys import NOW
from support.memory import MemoryStorage
from support.notices import SEVERAL
from support.permits import permit_bytes

from gateway.errors import NotFound
from gateway.exchange.directory import Directory
from gateway.flows import find_permits as finding
from gateway.flows.check import check
from gateway.flows.find_permits import find_permits
from gateway.flows.give_notice import give_notice
from gateway.flows.issue import issue
from gateway.flows.known_permit import find_known
from gateway.flows.open_permit import open_document, open_permit
from gateway.flows.ports import Node, Trail
from gateway.permits.identity import AuthorityId, PermitRef
from gateway.permits.model import Period
from gateway.permits.notices import Endorsement, PermitStatus, Side, StatusChange, WrittenOff
from gateway.permits.quantities import Quantity
from gateway.permits.query import PermitQuery
from gateway.permits.views import Audience
from gateway.signatures.keyring import TrustStore

DE_MA, DE_CUSTOMS = AuthorityId.parse("DE:MA"), AuthorityId.parse("DE:CUSTOMS")


@pytest.fixture
def node() -> Node:
    """A hub where Swiss and German authorities live."""
    made = swiss(MemoryStorage(), SetClock())
    made.directory = Directory(made.directory.hosted | {DE_MA, DE_CUSTOMS}, made.directory.partners)
    return made


async def issued(node: Node, *numbers: str, **changes) -> None:
    for number in numbers:
        await issue(permit_bytes(number, **changes), CH_MA, "", node, Trail())


async def cancelled(node: Node, number: str) -> None:
    ref = PermitRef("CH", number)
    await give_notice(
        lambda new_id, by, at: StatusChange(new_id, ref, by, at, PermitStatus.CANCELLED, "a mistake"),
        *(ref, CH_MA, "", "", node, Trail()),
    )


async def written_off(node: Node, number: str, quantity: int) -> None:
    ref, today = PermitRef("CH", number), node.clock.now().date()
    lines = (WrittenOff("A", Quantity(Decimal(quantity))),)
    await give_notice(
        lambda new_id, by, at: Endorsement(new_id, ref, by, at, Side.EXPORT, today, "CH002571", lines=lines),
        *(ref, CH_CUSTOMS, "", "", node, Trail()),
    )


async def statuses(node: Node) -> dict[str, PermitStatus | None]:
    page = await find_permits(PermitQuery(), (), "", node)
    return {each.head.ref.number: each.status for each in page.permits}


async def test_the_status_is_that_of_now(node):
    """By what authorities said, by the ledger, by the calendar; the same as everywhere else."""
    await issued(node, "plain", "cancelled")
    await issued(node, "partly", "used", **SEVERAL)
    await cancelled(node, "cancelled")
    await written_off(node, "partly", 1)
    await written_off(node, "used", 40)
    for days in (0, 148, 149, 150, 400):
        node.clock.at += timedelta(days=days)
        now = await statuses(node)
        for number, status in now.items():
            _, known = await find_known(PermitRef("CH", number), node)
            assert status is known.status(node.clock.now()), (number, days)
    assert now == {
        "plain": PermitStatus.EXPIRED,
        "cancelled": PermitStatus.CANCELLED,
        "partly": PermitStatus.EXPIRED,
        "used": PermitStatus.USED,
    }


async def test_the_last_day_ends_in_the_zone_of_the_document(node):
    """What is kept beside it is in UTC, where that day may be over already."""
    zone = timezone(timedelta(hours=2))
    last = datetime(2027, 4, 21, 0, 30, tzinfo=zone)
    start = NOW.replace(microsecond=0) - timedelta(days=1)
    await issued(node, "zoned", validity=Period(start, last))
    for at, status in (
        (datetime(2027, 4, 21, 21, 59, tzinfo=UTC), PermitStatus.ISSUED),
        (datetime(2027, 4, 21, 22, 0, tzinfo=UTC), PermitStatus.EXPIRED),
    ):
        node.clock.at = at
        assert await statuses(node) == {"zoned": status}


async def test_a_permit_that_cannot_be_proven_has_no_status_by_the_ledger(node):
    """Nobody knows what may be written off it."""
    await issued(node, "partly", **SEVERAL)
    await written_off(node, "partly", 1)
    node.trust = TrustStore({})
    assert await statuses(node) == {"partly": None}


async def test_a_search_by_status_goes_on_until_the_page_is_full(node, monkeypatch):
    """Each permit once, however few have the status."""
    monkeypatch.setattr(finding, "PAGE", 2)
    numbers = [f"CH-{n}" for n in range(9)]
    await issued(node, *numbers)
    for number in numbers[::3]:
        await cancelled(node, number)
    for status, wanted in (
        (PermitStatus.CANCELLED, numbers[::3]),
        (PermitStatus.ISSUED, [each for each in numbers if each not in numbers[::3]]),
    ):
        seen, before = [], ""
        while True:
            page = await find_permits(PermitQuery(status=status), (), before, node)
            assert len(page.permits) <= 2
            seen += [each.head.ref.number for each in page.permits]
            if not (before := page.next):
                break
        assert seen == wanted[::-1]


async def test_one_page_looks_at_a_bounded_number(node, monkeypatch):
    """A page may then be empty, and the next one goes on behind it."""
    monkeypatch.setattr(finding, "PAGE", 2)
    monkeypatch.setattr(finding, "LOOKED_AT", 4)
    await issued(node, *(f"CH-{n}" for n in range(9)))
    node.clock.at += timedelta(days=1)
    page = await find_permits(PermitQuery(status=PermitStatus.EXPIRED), (), "", node)
    assert page.permits == ()
    assert page.next
    again = await find_permits(PermitQuery(), (), page.next, node)
    assert [each.head.ref.number for each in again.permits] == ["CH-4", "CH-3"]


async def test_the_last_page_says_that_it_is_the_last(node, monkeypatch):
    """Also when it is just full."""
    monkeypatch.setattr(finding, "PAGE", 2)
    await issued(node, "CH-1", "CH-2")
    assert (await find_permits(PermitQuery(), (), "", node)).next == ""
    await issued(node, "CH-3")
    assert (await find_permits(PermitQuery(), (), "", node)).next != ""


async def opened(node: Node, *boundary: AuthorityId, trail: Trail | None = None):
    (found,) = (await find_permits(PermitQuery(), (), "", node)).permits
    return await open_permit(found.head.id, frozenset(boundary), node, trail or Trail())


async def test_as_whom_somebody_looks(node):
    """Of their authorities as the one that is told most, whichever stands first."""
    await issued(node, "CH-1")
    await check(PermitRef("CH", "CH-1"), DE_CUSTOMS, node, Trail())
    await check(PermitRef("CH", "CH-1"), DE_MA, node, Trail())
    for boundary, seat, audience in (
        ((), CH_MA, Audience.ISSUING),
        ((DE_CUSTOMS, CH_CUSTOMS), CH_CUSTOMS, Audience.ISSUING),
        ((DE_CUSTOMS, DE_MA), DE_MA, Audience.FOREIGN_MA),
        ((DE_CUSTOMS,), DE_CUSTOMS, Audience.FOREIGN_CUSTOMS),
    ):
        found = await opened(node, *boundary)
        assert (found.seat, found.audience) == (seat, audience)


async def test_what_was_looked_at_is_known_to_the_door(node):
    """And nothing is, of a permit that was not shown."""
    await issued(node, "CH-1")
    trail = Trail()
    found = await opened(node, CH_MA, trail=trail)
    assert (trail.permit, trail.digest, trail.authority) == (found.record.ref, found.record.digest, "CH:MA")
    trail = Trail()
    with pytest.raises(NotFound):
        await opened(node, FR_CUSTOMS, trail=trail)
    assert trail.permit is None


async def test_the_document_is_for_the_parties_of_the_permit(node):
    """It names persons; who may only ask about it does not get it."""
    await issued(node, "CH-1")
    await check(PermitRef("CH", "CH-1"), DE_MA, node, Trail())
    permit_id = (await opened(node)).record.id
    assert (await open_document(permit_id, {CH_CUSTOMS}, node, Trail())).whole
    with pytest.raises(NotFound, match="names none of your Parties"):
        await open_document(permit_id, {DE_MA}, node, Trail())
