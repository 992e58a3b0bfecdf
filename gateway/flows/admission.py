"""What issuing and receiving have in common: from bytes to a sealed permit and a report."""

from collections.abc import Sequence
from datetime import datetime

from cryptography import x509

from gateway.codec.registry import SealedPermit, check_schema, decode, identify
from gateway.errors import DocumentError, GatewayError, SchemaInvalid, SignatureRefused
from gateway.exchange.directory import Directory
from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import Role
from gateway.signatures.keyring import TrustStore
from gateway.signatures.verify import verify
from gateway.xmlio.parse import ParsedDocument


def require_schema(document: ParsedDocument) -> str:
    """
    The message version of a document that fits the schema of that version.

    Raises `UnknownDocument` or `SchemaInvalid`.
    """
    version = identify(document.root)
    findings = check_schema(version, document.root)
    if findings:
        raise schema_invalid(version, findings)
    return version


def schema_invalid(version: str, findings: Sequence[Finding]) -> SchemaInvalid:
    """The error for a document that does not fit; `fields["findings"]` say where."""
    return SchemaInvalid(
        f"the permit does not fit the schema of {version}: {findings[0].message}",
        advice="check the file with: ecites permit check FILE",
        findings=[finding.as_dict() for finding in findings],
    )


def prove(document: ParsedDocument, trusted: Sequence[x509.Certificate], *, at: datetime) -> SealedPermit:
    """
    Prove the seal of a document that fits its schema, and read what was sealed.

    Raises `SignatureRefused`.
    """
    return decode(verify(document, trusted, at=at))


def seals_of_party(party: str, directory: Directory, trust: TrustStore) -> tuple[x509.Certificate, ...]:
    """The registered certificates of the Management Authorities of one Party."""
    return tuple(
        certificate
        for authority in directory.of_party(party, Role.MA)
        for certificate in trust.of(str(authority))
    )


def findings_of(error: GatewayError) -> tuple[Finding, ...]:
    """An error about a document as findings, for a receipt or a report."""
    if isinstance(error, SignatureRefused):
        return (error.verdict.finding(),)
    if isinstance(error, SchemaInvalid) and error.fields.get("findings"):
        return tuple(
            Finding(**{**item, "severity": Severity(item["severity"]), "area": Area(item["area"])})
            for item in error.fields["findings"]
        )
    area = Area.DOCUMENT if isinstance(error, DocumentError) else Area.RULES
    advice = f"; {error.advice}" if error.advice else ""
    return (
        Finding(
            f"{area.value}.{error.code.replace('_', '-')}",
            Severity.ERROR,
            area,
            error.message + advice,
            line=error.fields.get("line"),
        ),
    )
