"""The simulation: chance that can be repeated, books that notice, and a small run of the real thing."""

from dataclasses import replace
from typing import Any

import pytest
from support.commands import run_json

from gateway.cli.simulation import books
from gateway.cli.simulation.faults import ON_THE_WIRE, Fault, Faults
from gateway.cli.simulation.ledger import Handed, Ledger
from gateway.cli.simulation.plan import Shipment, choose_parties, make_plan, share_out
from gateway.cli.simulation.wire import Wire
from gateway.permits.identity import AuthorityId

ALL = frozenset(Fault)
SHIPMENT = Shipment("CH-1", "CH", "FR", ())
HANDED = Handed("s-1", "ab")


def test_the_seed_says_it_all() -> None:
    """The same seed makes the same plan, another one another."""
    plans = [
        make_plan(seed, choose_parties(seed, 5), 300, Faults(seed, ALL, 0.3), ["g1", "g2"])
        for seed in (4, 4, 5)
    ]
    assert plans[0] == plans[1]
    assert plans[0].shipments != plans[2].shipments
    assert len(plans[0].kills) == 3


def test_each_fault_strikes_and_only_those_asked_for() -> None:
    """Over many messages every kind comes, at about the rate, and never one that nobody chose."""
    struck = [Faults(1, ALL, 0.3).on(f"CH-{n}", "g1", 1) for n in range(2000)]
    assert set(struck) == {None, *ON_THE_WIRE}
    assert 0.2 < sum(fault is not None for fault in struck) / 2000 < 0.4
    some = Faults(1, frozenset({Fault.CUT, Fault.KILL}), 0.9)
    assert {some.on(f"CH-{n}", "g1", 1) for n in range(100)} == {None, Fault.CUT}


def test_everybody_lives_somewhere() -> None:
    """Each Party's two authorities live at one gateway, and no gateway is empty."""
    hosted = share_out(("CH", "FR", "DE", "IT", "AT"), 3)
    assert [len(living) for living in hosted.values()] == [4, 4, 2]
    assert len({each for living in hosted.values() for each in living}) == 10


async def filled() -> Ledger:
    """A ledger in which everything is right."""
    ledger = Ledger()
    await ledger.hand(SHIPMENT.number, HANDED)
    for consumer in SHIPMENT.consumers:
        await ledger.take(SHIPMENT.number, consumer, f"i-{consumer}", HANDED.digest)
    return ledger


def wrong(ledger: Ledger) -> list[str]:
    """What the books say of a ledger."""
    return [
        complaint
        for page in (books._accepted([SHIPMENT], ledger), books._consumed([SHIPMENT], ledger))
        for complaint in page.wrong
    ]


async def test_books_that_are_right() -> None:
    """Nothing to complain about."""
    assert wrong(await filled()) == []


async def test_books_notice_a_lost_permit() -> None:
    """A consumer has nothing."""
    ledger = await filled()
    ledger.taken[SHIPMENT.number][AuthorityId.parse("FR:CUSTOMS")].clear()
    assert wrong(ledger) == ["FR:CUSTOMS has CH-1 0 times"]


async def test_books_notice_a_second_one() -> None:
    """A consumer has it under two ids."""
    ledger = await filled()
    await ledger.take(SHIPMENT.number, AuthorityId.parse("FR:MA"), "another", HANDED.digest)
    assert wrong(ledger) == ["FR:MA has CH-1 2 times"]


async def test_books_notice_a_stranger() -> None:
    """Somebody has it who is neither exporter nor importer."""
    ledger = await filled()
    await ledger.take(SHIPMENT.number, AuthorityId.parse("DE:MA"), "i", HANDED.digest)
    assert wrong(ledger) == ["DE:MA has CH-1, which is not for it"]


async def test_books_notice_other_bytes() -> None:
    """A consumer has something else than was accepted; the same item never changes."""
    ledger = await filled()
    ledger.handed[SHIPMENT.number] = replace(HANDED, digest="cd")
    assert len(wrong(ledger)) == 3
    await ledger.take(SHIPMENT.number, AuthorityId.parse("FR:MA"), "i-FR:MA", "ef")
    assert "FR:MA got two different permits as item i-FR:MA" in wrong(ledger)


async def test_books_notice_two_acceptances() -> None:
    """The same permit handed over twice became two submissions."""
    ledger = await filled()
    await ledger.hand(SHIPMENT.number, Handed("s-2", HANDED.digest))
    assert wrong(ledger) == ["CH-1 was accepted twice, as s-1 and s-2"]


async def test_the_wire_notices_two_receipts() -> None:
    """The same envelope must get the same receipt."""
    wire = Wire({}, Faults(1, ALL, 0.0))
    wire._note("g1", "envelope", "receipt")
    wire._note("g1", "envelope", "receipt")
    assert (wire.repeated, wire.contradictions) == (1, [])
    wire._note("g1", "envelope", "another")
    assert wire.contradictions


@pytest.mark.parametrize("words", [("--faults", "rain"), ("--gateways", "9", "--parties", "3")], ids=" ".join)
def test_bad_usage(words: tuple[str, ...]) -> None:
    """Exit code 2 and a sentence."""
    code, answer = run_json("simulate", *words)
    assert code == 2
    assert "--" in answer["error"]


def test_a_small_network_with_every_fault() -> None:
    """Real processes and sockets: the books add up although everything goes wrong."""
    code, answer = run_json(
        "simulate", "--parties", 3, "--permits", 24, "--gateways", 2, "--rate", 0.5, "--seed", 11
    )
    assert code == 0, answer
    assert answer["good"]
    assert {page["name"]: page["right"] for page in answer["books"]} == right_for(answer)
    assert answer["faults"]["kill"] == 1
    assert sum(answer["faults"].values()) > 5


def right_for(answer: dict[str, Any]) -> dict[str, int]:
    """How much must be right: each permit reaches three consumers."""
    found = {page["name"]: page["right"] for page in answer["books"]}
    hops = found["receipts"]
    assert 0 < hops <= 24
    assert found["repeats"]
    return {
        "accepted": 24,
        "consumed": 72,
        "receipts": hops,
        "logs": 24 + 72 + 2 * hops,
        "repeats": found["repeats"],
    }
