"""What the payload of an envelope is, and who receives it."""

from dataclasses import dataclass
from datetime import datetime

from gateway.codec.registry import SealedPermit, judge
from gateway.errors import DocumentError, SignatureRefused
from gateway.exchange.agreement import disagreements
from gateway.exchange.channels import ChannelRule
from gateway.exchange.directory import Partner
from gateway.exchange.message import Envelope, Header, Kind
from gateway.exchange.receipts import Outcome
from gateway.exchange.records import Direction
from gateway.exchange.routing import Hop, forward, route
from gateway.flows.admission import prove, require_schema, seals_of_party
from gateway.flows.ports import Node
from gateway.permits.findings import Area, Finding, Report, Severity
from gateway.permits.identity import AuthorityId
from gateway.permits.refusals import findings_of
from gateway.xmlio.limits import PERMIT_LIMITS
from gateway.xmlio.parse import parse


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the payload turned out to be, and who receives it."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    sealed: SealedPermit | None = None
    """There when it is a permit that is accepted."""
    local: tuple[AuthorityId, ...] = ()
    onward: tuple[Hop, ...] = ()
    """Partners that get a copy."""
    unreached: tuple[Finding, ...] = ()
    """Who should get a copy and cannot be reached: for our operator, not for the sender."""


def judge_payload(envelope: Envelope, partner: Partner, node: Node, at: datetime) -> Judgement:
    """
    Judge a verified envelope that came through `partner` at the moment `at`.

    1. Such a message may travel this way at all.
    2. The payload can be read: it is XML within the limits and fits the schema of a version accepted here.
    3. Its seal holds, by a Management Authority of the issuing Party.
    4. Code lists and rules; and header, seal and permit say the same (promise 4).
    5. Who receives it; nobody when it is a test.

    Never raises for what the payload holds, because the receipt says it.
    """
    header, standards = envelope.header, node.standards
    # 1
    if not partner.allows(Direction.IN, header.kind):
        return Judgement(Outcome.REFUSED, (kind_not_allowed(header, partner),))
    # 2
    try:
        document = parse(envelope.payload, limits=PERMIT_LIMITS)
        require_schema(document, standards)
    except DocumentError as error:
        return Judgement(Outcome.NOT_READABLE, findings_of(error))
    # 3
    try:
        trusted = seals_of_party(header.permit.issuer, node.directory, node.trust)
        sealed = prove(
            document, trusted, node, at=at, profile=standards.profile, message_id=header.message_id
        )
    except SignatureRefused as error:
        return Judgement(Outcome.REFUSED, findings_of(error))
    # 4
    judged = judge(sealed, at=at, evidence=standards.evidence, settings=standards.rules)
    report = Report.of(judged.findings, _disagreements(header, sealed, partner, node))
    # 5
    if not report.accepted or header.kind is Kind.TEST:
        return Judgement(Outcome.of(report), report.findings)
    return _accepted(envelope, sealed, partner, node, report)


def _accepted(
    envelope: Envelope, sealed: SealedPermit, partner: Partner, node: Node, report: Report
) -> Judgement:
    """Who receives a permit that is accepted: who lives here, and who gets copies by a rule."""
    header = envelope.header
    local = _concerned(header, sealed, node)
    copies = forward(
        partner=partner,
        sender=header.sender,
        reached=local,
        directory=node.directory,
        version=sealed.version,
    )
    addressed = (header.recipient,) if header.recipient not in local + copies.local else ()
    return Judgement(
        Outcome.of(report),
        report.findings,
        sealed,
        local + copies.local + addressed,
        copies.hops,
        copies.findings,
    )


def kind_not_allowed(header: Header, partner: Partner) -> Finding:
    """The partner and this gateway have agreed on something else."""
    return Finding(
        "exchange.kind-not-allowed",
        Severity.ERROR,
        Area.IDENTITY,
        f"partner {partner.id} may not send messages of the kind {header.kind} here; agree with the operator "
        "of this gateway and have it change what is allowed",
        source="directory of partners: allowed kinds by direction",
    )


def _disagreements(header: Header, sealed: SealedPermit, partner: Partner, node: Node) -> tuple[Finding, ...]:
    """Whether header, seal and permit say the same (promise 4)."""
    permit = sealed.permit
    if permit.ref is None:
        return ()  # the rules have said that the number or the issuer is missing
    owners = node.trust.owners(sealed.document.certificate)
    return disagreements(
        header,
        permit=permit.ref,
        parties=(permit.exporter_country, permit.importer_country),
        sealed_by=[AuthorityId.parse(owner) for owner in owners if owner not in node.directory.partners],
        forwarded=partner.under(ChannelRule.FORWARD_COPY),
    )


def _concerned(header: Header, sealed: SealedPermit, node: Node) -> tuple[AuthorityId, ...]:
    """Who here receives the permit: the same plan as at the issuer's end, as far as it ends here."""
    return route(
        issuer=header.sender,
        exporter=sealed.permit.exporter_country,
        importer=sealed.permit.importer_country,
        directory=node.directory,
    ).local
