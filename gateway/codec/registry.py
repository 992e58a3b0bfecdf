"""
The front door of the codec: from a tree to a permit and a report.

The road of a sealed permit, in the order in which a flow walks it:

    version = identify(document.root)            which message version
    findings = check_schema(version, ...)        does the document, as it came, fit the XSD
    verified = verify(...)                       does the seal hold (signatures/verify.py)
    sealed = decode(verified)                    read what was sealed, nothing else
    report = judge(sealed, at=...)               code lists and rules

`inspect` is the short road for a document whose seal nobody asks about.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from gateway.codec import schema
from gateway.codec.detect import detect
from gateway.codec.places import Places
from gateway.codec.profile import Profile
from gateway.codec.tolerant import tolerate
from gateway.codec.versions import VERSIONS, Version
from gateway.permits import rules
from gateway.permits.codes import code_lists
from gateway.permits.findings import Finding, Report, Severity
from gateway.permits.model import Permit
from gateway.permits.rules import Evidence, RuleSettings
from gateway.permits.rules.context import NOTHING
from gateway.permits.rules.settings import DEFAULT
from gateway.xmlio.parse import ParsedDocument, parse_trusted

if TYPE_CHECKING:
    # Only the name: at run time codec and signatures do not see each other (import layers).
    from gateway.signatures.verified import VerifiedDocument

__all__ = [
    "VERSIONS",
    "Inspection",
    "Profile",
    "SealedPermit",
    "Version",
    "check_document",
    "check_schema",
    "decode",
    "encode",
    "identify",
    "inspect",
    "judge",
    "read_as",
    "warm",
]

MAX_FINDINGS = 200
"""Of one report. Errors are kept first, so that cutting never turns a refusal into an acceptance."""

identify = detect
check_schema = schema.check


def warm() -> None:
    """
    Compile the schemas and load the code lists, so that the first permit is as fast as the second.

    Raises `ConfigurationError` when the installation has lost one.
    """
    schema.warm()
    code_lists()


@dataclass(frozen=True, slots=True)
class SealedPermit:
    """A permit that was read from the bytes that a trusted seal covers."""

    version: str
    permit: Permit
    places: Places
    document: "VerifiedDocument"
    tolerances: tuple[Finding, ...] = ()
    """What the tolerant profile had to put up with; empty in the strict one."""


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known about a document without looking at its seal."""

    version: str
    permit: Permit | None
    """None when the document does not fit its schema."""
    report: Report
    places: Places | None
    """None when the document does not fit its schema."""


def decode(verified: "VerifiedDocument", profile: Profile = Profile.STRICT) -> SealedPermit:
    """
    Read the permit from what was signed.

    Line numbers are those of the original bytes, which are parsed again only when a finding asks for one;
    they have been below every ceiling before, or there would be no proof.

    Raises `UnknownDocument` when the signed document is no permit.
    """
    version, root, tolerances = read_as(ParsedDocument(verified.original, verified.root), profile)
    original = verified.original

    @cache
    def tree() -> etree._Element:
        return read_as(ParsedDocument(original, parse_trusted(original)), profile)[1]

    reading = VERSIONS[version].read(root, original=tree)
    return SealedPermit(version, reading.permit, reading.places, verified, tolerances)


def check_document(document: ParsedDocument, profile: Profile) -> tuple[str, tuple[Finding, ...]]:
    """
    Which message version a document is, and what does not fit the schema of that version.

    Raises `UnknownDocument` when it is no permit.
    """
    version, root, _ = read_as(document, profile)
    return version, check_schema(version, root)


def read_as(document: ParsedDocument, profile: Profile) -> tuple[str, etree._Element, tuple[Finding, ...]]:
    """
    Version, tree and tolerances of a document, as a profile reads it.

    Raises `UnknownDocument` when it is no permit.
    """
    if profile is Profile.STRICT:
        return identify(document.root), document.root, ()
    tolerated = tolerate(document)
    return tolerated.version, tolerated.root, tolerated.findings


def judge(
    sealed: SealedPermit, *, at: datetime, evidence: Evidence = NOTHING, settings: RuleSettings = DEFAULT
) -> Report:
    """What the code lists and the rules say about a sealed permit at the moment `at` (aware)."""
    judged = _judge(sealed.permit, sealed.places, at, evidence, settings)
    return replace(judged, findings=sealed.tolerances + judged.findings)


def inspect(
    document: ParsedDocument,
    *,
    at: datetime,
    profile: Profile = Profile.STRICT,
    evidence: Evidence = NOTHING,
    settings: RuleSettings = DEFAULT,
) -> Inspection:
    """
    All findings about a document but those about its seal.

    1. Which message version; in the tolerant profile, what real senders get wrong is put right first, each
       tolerance a finding.
    2. The schema; if the document does not fit, nothing more can be said.
    3. Read; code lists and rules at the moment `at` (aware).

    Raises `UnknownDocument` when the document is no permit.
    """
    # 1
    version, root, tolerances = read_as(document, profile)
    # 2
    findings = check_schema(version, root)
    if findings:
        return Inspection(version, None, Report(tolerances + findings), None)
    # 3
    reading = VERSIONS[version].read(root)
    judged = _judge(reading.permit, reading.places, at, evidence, settings)
    report = replace(judged, findings=tolerances + judged.findings)
    return Inspection(version, reading.permit, report, reading.places)


def encode(permit: Permit, version: str = "v2") -> bytes:
    """
    The document of a permit, unsigned: UTF-8 with an XML declaration, indented, always the same bytes.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    root = VERSIONS[version].write(permit)
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + data + b"\n"


def _judge(
    permit: Permit, places: Places, at: datetime, evidence: Evidence, settings: RuleSettings
) -> Report:
    """The breaches of rules as findings, with paths and lines."""
    outcome = rules.check(permit, at=at, evidence=evidence, settings=settings)
    breaches = outcome.breaches
    if len(breaches) > MAX_FINDINGS:
        breaches = tuple(sorted(breaches, key=lambda item: item[1] is not Severity.ERROR))
    findings = []
    for rule, severity, breach in breaches[:MAX_FINDINGS]:
        place = places.locate(breach.where)
        findings.append(
            Finding(
                rule.id,
                severity,
                rule.area,
                breach.message,
                box=breach.box or rule.box,
                path=place.path,
                line=place.line,
                source=rule.source,
            )
        )
    return Report(tuple(findings), outcome.not_checked)
