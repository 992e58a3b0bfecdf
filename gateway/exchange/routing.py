"""Who receives a permit."""

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.exchange.directory import Directory
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, Role


@dataclass(frozen=True, slots=True)
class Hop:
    """One message to one partner."""

    partner: str
    recipient: AuthorityId
    """To whom the envelope is addressed; the partner passes it on to the others that it hosts."""


@dataclass(frozen=True, slots=True)
class Route:
    """Everybody who receives one permit."""

    local: tuple[AuthorityId, ...]
    """Hosted here: handed over in the same transaction."""
    hops: tuple[Hop, ...]
    """One message per partner gateway."""
    findings: tuple[Finding, ...]
    """Who should receive it and cannot be reached."""


def route(*, issuer: AuthorityId, exporter: str, importer: str, directory: Directory) -> Route:
    """
    Plan the journey of a permit that `issuer` issued, from Party `exporter` to Party `importer`.

    The Management Authorities and the customs of both Parties receive it, except the issuer itself. For an
    export permit these are the importing Party's Management Authority and customs and the exporting Party's
    customs. Authorities behind one gateway get one message, addressed to the first of them; their gateway
    hands it to each with the same function.
    """
    wanted: list[AuthorityId] = []
    findings: list[Finding] = []
    for party, role in _rightful(issuer, exporter, importer):
        known = [a for a in directory.of_party(party, role) if a != issuer]
        if not known and not (party == issuer.party and role is Role.MA):
            findings.append(_nobody(party, role))
        wanted += [a for a in known if a not in wanted]
    return Route(
        local=tuple(a for a in wanted if a in directory.hosted),
        hops=tuple(_hops(wanted, directory)),
        findings=tuple(findings),
    )


def _rightful(issuer: AuthorityId, exporter: str, importer: str) -> Iterable[tuple[str, Role]]:
    """Party and role of everybody concerned, the other Party's Management Authority first."""
    parties = [party for party in dict.fromkeys((importer, exporter)) if party]
    parties.sort(key=lambda party: party == issuer.party)
    for party in parties:
        yield party, Role.MA
        yield party, Role.CUSTOMS


def _hops(wanted: Iterable[AuthorityId], directory: Directory) -> Iterable[Hop]:
    """One hop per partner, to the first authority behind it."""
    seen: set[str] = set()
    for authority in wanted:
        partner = directory.partner_of(authority)
        if partner is not None and partner.id not in seen:
            seen.add(partner.id)
            yield Hop(partner.id, authority)


def _nobody(party: str, role: Role) -> Finding:
    """Someone who should receive the permit is not in the directory."""
    who = "Management Authority" if role is Role.MA else "customs"
    return Finding(
        "routing.nobody-registered",
        Severity.WARNING,
        Area.ROUTING,
        f"no {who} of {party} is registered here: it does not receive this permit electronically. "
        "Register its gateway as a partner, or send the paper form",
        source="directory of partners",
    )
