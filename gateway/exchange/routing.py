"""Who receives a permit."""

from collections.abc import Container, Iterable
from dataclasses import dataclass

from gateway.exchange.channels import ChannelRule
from gateway.exchange.directory import Directory, Partner
from gateway.exchange.message import Kind
from gateway.exchange.records import Direction
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, Role

_SOURCE = "directory of partners"


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


def route(
    *, issuer: AuthorityId, exporter: str, importer: str, directory: Directory, version: str = ""
) -> Route:
    """
    Plan the journey of a permit that `issuer` issued, from Party `exporter` to Party `importer`.

    The Management Authorities and the customs of both Parties receive it, except the issuer itself. For an
    export permit these are the importing Party's Management Authority and customs and the exporting Party's
    customs. Authorities behind one gateway get one message, addressed to the first of them; their gateway
    hands it to each with the same function. Nothing goes to a partner that does not take permits, or does
    not read their message `version` if that is given.
    """
    wanted: list[AuthorityId] = []
    findings: list[Finding] = []
    for party, role in _rightful(issuer, exporter, importer):
        known = [a for a in directory.of_party(party, role) if a != issuer]
        if not known and not (party == issuer.party and role is Role.MA):
            findings.append(_nobody(party, role))
        wanted += [a for a in known if a not in wanted]
    return _planned(wanted, directory, version, findings)


def forward(
    *,
    partner: Partner,
    sender: AuthorityId,
    reached: Container[AuthorityId],
    directory: Directory,
    version: str = "",
    kind: Kind = Kind.PERMIT,
) -> Route:
    """
    Plan who gets a copy of what `sender` has sent through `partner`, beside those whom it has `reached`.

    Copies are made of what comes from an authority that lives behind the partner: what the partner passes on
    for somebody else may be a copy itself, and two gateways would send each other copies for ever.
    """
    rule = partner.under(ChannelRule.FORWARD_COPY) if sender in partner.authorities else ()
    wanted = [authority for authority in rule if authority not in reached and authority != sender]
    unknown = [a for a in wanted if a not in directory.hosted and directory.partner_of(a) is None]
    return _planned(wanted, directory, version, [_no_way(authority, partner) for authority in unknown], kind)


def audience(
    *,
    author: AuthorityId,
    parties: Iterable[str],
    viewers: Iterable[AuthorityId],
    directory: Directory,
    kind: Kind,
) -> Route:
    """
    Plan who hears what `author` says about a permit.

    The authorities of the Parties that the permit names, who hold it, and whoever has asked about it.
    """
    rightful = (
        authority
        for party in dict.fromkeys(party for party in parties if party)
        for role in (Role.MA, Role.CUSTOMS)
        for authority in directory.of_party(party, role)
    )
    wanted = [each for each in dict.fromkeys((*rightful, *viewers)) if each != author]
    return _planned(wanted, directory, "", (), kind)


def _planned(
    wanted: Iterable[AuthorityId],
    directory: Directory,
    version: str,
    findings: Iterable[Finding],
    kind: Kind = Kind.PERMIT,
) -> Route:
    """The route to all who are wanted, as far as their partners take such a message."""
    wanted = tuple(wanted)
    hops, refused = [], []
    for hop in _hops(wanted, directory):
        obstacle = _obstacle(directory.partners[hop.partner], version, kind)
        if obstacle is None:
            hops.append(hop)
        else:
            refused.append(obstacle)
    return Route(
        local=tuple(a for a in wanted if a in directory.hosted),
        hops=tuple(hops),
        findings=(*findings, *refused),
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


def _obstacle(partner: Partner, version: str, kind: Kind) -> Finding | None:
    """Why a message of that kind and message version does not go to a partner; None when it does."""
    who = f"{partner.id} ({', '.join(map(str, partner.authorities))})"
    if not partner.allows(Direction.OUT, kind):
        return Finding(
            "routing.kind-not-taken",
            Severity.WARNING,
            Area.ROUTING,
            f"partner {who} takes no messages of the kind {kind}: it does not receive this one "
            "electronically. Send the paper form, or agree with its operator and change what is allowed",
            source=_SOURCE,
        )
    if version and not partner.reads(version):
        return Finding(
            "routing.version-not-read",
            Severity.WARNING,
            Area.ROUTING,
            f"partner {who} reads message versions {', '.join(partner.versions)}, and this permit is "
            f"{version}: it does not receive it electronically. Issue it in one that the partner reads, or "
            "send the paper form",
            source=_SOURCE,
        )
    return None


def _no_way(authority: AuthorityId, partner: Partner) -> Finding:
    """A channel rule names somebody who cannot be reached."""
    return Finding(
        "routing.copy-to-nobody",
        Severity.WARNING,
        Area.ROUTING,
        f"a copy of what comes from partner {partner.id} should go to {authority}, which nobody here knows: "
        "register its gateway as a partner, or take the rule away",
        source=_SOURCE,
    )


def _nobody(party: str, role: Role) -> Finding:
    """Someone who should receive the permit is not in the directory."""
    who = "Management Authority" if role is Role.MA else "customs"
    return Finding(
        "routing.nobody-registered",
        Severity.WARNING,
        Area.ROUTING,
        f"no {who} of {party} is registered here: it does not receive this permit electronically. "
        "Register its gateway as a partner, or send the paper form",
        source=_SOURCE,
    )
