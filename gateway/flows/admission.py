"""What issuing and receiving have in common: from bytes to a sealed permit and a report."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from gateway.codec.profile import Profile
from gateway.codec.registry import SealedPermit, check_document, decode
from gateway.errors import SchemaInvalid, UnknownDocument
from gateway.exchange.directory import Directory
from gateway.flows.ports import Node
from gateway.flows.standards import Standards
from gateway.flows.verification import verify_here
from gateway.permits.findings import Finding
from gateway.permits.identity import Role
from gateway.signatures.keyring import TrustStore
from gateway.xmlio.parse import ParsedDocument


def require_schema(document: ParsedDocument, standards: Standards) -> str:
    """
    The message version of a document that is accepted here and fits the schema of that version.

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    version, findings = check_document(document, standards.profile)
    require_version(version, standards)
    if findings:
        raise schema_invalid(version, findings)
    return version


def require_version(version: str, standards: Standards) -> None:
    """Raises `UnknownDocument` for a message version that this gateway does not accept."""
    if version not in standards.versions:
        raise UnknownDocument(
            f"message version {version} is not accepted here; accepted: {', '.join(standards.versions)}",
            advice="convert it with: ecites permit convert FILE --to VERSION, or agree on the version",
            version=version,
        )


def schema_invalid(version: str, findings: Sequence[Finding]) -> SchemaInvalid:
    """The error for a document that does not fit; `fields["findings"]` say where."""
    return SchemaInvalid(
        f"the permit does not fit the schema of {version}: {findings[0].message}",
        advice="check the file with: ecites permit check FILE",
        findings=[finding.as_dict() for finding in findings],
    )


def prove(
    document: ParsedDocument,
    trusted: Sequence[x509.Certificate],
    node: Node,
    *,
    at: datetime,
    profile: Profile = Profile.STRICT,
    now: datetime | None = None,
    message_id: str = "",
) -> SealedPermit:
    """
    Prove the seal of a document that fits its schema, and read what was sealed.

    `at` is the moment that counts for the certificate, `now` the present, when `at` is not it; `message_id`
    names the message that brought the document, for the running log.

    Raises `SignatureRefused`.
    """
    return decode(verify_here(document, trusted, node, at=at, now=now, message_id=message_id), profile)


def seals_of_party(party: str, directory: Directory, trust: TrustStore) -> tuple[x509.Certificate, ...]:
    """The registered certificates of the Management Authorities of one Party."""
    return tuple(
        certificate
        for authority in directory.of_party(party, Role.MA)
        for certificate in trust.of(str(authority))
    )
