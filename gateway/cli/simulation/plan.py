"""Everything that follows from the seed of a simulation."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from gateway.cli.demonstration import permits
from gateway.cli.demonstration.network import authorities_of
from gateway.cli.simulation.faults import Fault, Faults, dice
from gateway.permits.codes import Status, code_lists
from gateway.permits.identity import AuthorityId, Role

MOST_PARTIES = 184
"""Countries that the Convention counts; the European Union is not one."""

PERMITS_PER_KILL = 100
_ROWS = (permits.LEATHER, permits.CORALS)


@dataclass(frozen=True, slots=True)
class Shipment:
    """One permit that is to travel."""

    number: str
    exporter: str
    importer: str
    rows: tuple[permits.Row, ...]

    @property
    def issuer(self) -> AuthorityId:
        """Who hands it over."""
        return AuthorityId(self.exporter, Role.MA)

    @property
    def consumers(self) -> tuple[AuthorityId, ...]:
        """Who must have it in the end, and nobody else; from the rules of CITES, not from our routing."""
        return (*authorities_of(self.importer), AuthorityId(self.exporter, Role.CUSTOMS))


@dataclass(frozen=True, slots=True)
class Kill:
    """A victim loses power in the middle of the work."""

    victim: str
    after: int
    """So many permits have been handed over."""
    pause: float
    """Seconds after that."""
    down: float
    """Seconds without power."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Who sends what, and what goes wrong."""

    shipments: tuple[Shipment, ...]
    kills: tuple[Kill, ...]
    faults: Faults


def choose_parties(seed: int, count: int) -> tuple[str, ...]:
    """Countries of CITES, chosen by the seed."""
    codes = [code.code for code in code_lists().country.entries.values() if code.status is Status.CURRENT]
    return tuple(dice(seed, "parties").sample(codes, count))


def share_out(parties: Sequence[str], gateways: int) -> dict[str, tuple[AuthorityId, ...]]:
    """Which authorities live at which gateway: the Parties go round, `g1` has the first."""
    hosted: dict[str, tuple[AuthorityId, ...]] = {f"g{n}": () for n in range(1, gateways + 1)}
    for n, party in enumerate(parties):
        hosted[f"g{n % gateways + 1}"] += authorities_of(party)
    return hosted


def make_plan(
    seed: int,
    parties: Sequence[str],
    count: int,
    faults: Faults,
    victims: Sequence[str],
    *,
    kills: int | None = None,
) -> Plan:
    """
    A plan for `count` permits between these Parties.

    Without a number of `kills` there is one per hundred permits, if the faults name them at all. Two plans
    of one network need two seeds: the numbers of the permits carry it.
    """
    chance = dice(seed, "shipments")
    shipments = []
    for n in range(count):
        exporter, importer = chance.sample(list(parties), 2)
        rows = chance.choice(_ROWS)
        shipments.append(Shipment(f"{exporter}-{seed}-{n:06d}", exporter, importer, rows))
    if kills is None:
        kills = math.ceil(count / PERMITS_PER_KILL) if Fault.KILL in faults.kinds else 0
    return Plan(tuple(shipments), _kills(seed, count, kills, victims), faults)


def _kills(seed: int, count: int, kills: int, victims: Sequence[str]) -> tuple[Kill, ...]:
    """At any moment of the work, in the order in which they come."""
    chance = dice(seed, "kills")
    made = [
        Kill(chance.choice(victims), chance.randrange(count), chance.uniform(0, 0.4), chance.uniform(0, 0.5))
        for _ in range(kills)
    ]
    return tuple(sorted(made, key=lambda kill: kill.after))


def gateway_of(hosted: Mapping[str, Sequence[AuthorityId]]) -> dict[AuthorityId, str]:
    """Where each authority lives."""
    return {authority: name for name, living in hosted.items() for authority in living}
