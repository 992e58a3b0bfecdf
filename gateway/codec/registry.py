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

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

from lxml import etree

from gateway.codec import schema
from gateway.codec.detect import detect
from gateway.codec.places import Places
from gateway.codec.versions import VERSIONS, Version
from gateway.permits import rules
from gateway.permits.codes import code_lists
from gateway.permits.findings import Finding, Report, Severity
from gateway.permits.model import Permit
from gateway.xmlio.parse import ParsedDocument, parse

if TYPE_CHECKING:
    # Only the name: at run time codec and signatures do not see each other (import layers).
    from gateway.signatures.verified import VerifiedDocument

__all__ = [
    "VERSIONS",
    "Inspection",
    "SealedPermit",
    "Version",
    "check_schema",
    "decode",
    "encode",
    "identify",
    "inspect",
    "judge",
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


@dataclass(frozen=True, slots=True)
class Inspection:
    """What is known about a document without looking at its seal."""

    version: str
    permit: Permit | None
    """None when the document does not fit its schema."""
    report: Report
    places: Places | None
    """None when the document does not fit its schema."""


def decode(verified: "VerifiedDocument") -> SealedPermit:
    """
    Read the permit from what was signed.

    Line numbers are those of the original bytes, which are parsed again only when a finding asks for one.

    Raises `UnknownDocument` when the signed document is no permit.
    """
    version = identify(verified.root)
    original = verified.original

    @cache
    def tree() -> etree._Element:
        return parse(original, max_bytes=len(original)).root

    reading = VERSIONS[version].read(verified.root, original=tree)
    return SealedPermit(version, reading.permit, reading.places, verified)


def judge(sealed: SealedPermit, *, at: datetime) -> Report:
    """What the code lists and the rules say about a sealed permit at the moment `at` (aware)."""
    return Report(_judge(sealed.permit, sealed.places, at))


def inspect(document: ParsedDocument, *, at: datetime) -> Inspection:
    """
    All findings about a document but those about its seal.

    1. Which message version.
    2. The schema; if the document does not fit, nothing more can be said.
    3. Read; code lists and rules at the moment `at` (aware).

    Raises `UnknownDocument` when the document is no permit.
    """
    # 1
    version = identify(document.root)
    # 2
    findings = check_schema(version, document.root)
    if findings:
        return Inspection(version, None, Report(findings), None)
    # 3
    reading = VERSIONS[version].read(document.root)
    report = Report(_judge(reading.permit, reading.places, at))
    return Inspection(version, reading.permit, report, reading.places)


def encode(permit: Permit, version: str = "v2") -> bytes:
    """
    The document of a permit, unsigned: UTF-8 with an XML declaration, indented, always the same bytes.

    Raises `MalformedRequest` when a text holds a character that XML cannot carry.
    """
    root = VERSIONS[version].write(permit)
    data: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + data + b"\n"


def _judge(permit: Permit, places: Places, at: datetime) -> tuple[Finding, ...]:
    """The breaches of rules as findings, with paths and lines."""
    breaches = rules.check(permit, at=at)
    if len(breaches) > MAX_FINDINGS:
        breaches = tuple(sorted(breaches, key=lambda item: item[0].severity is not Severity.ERROR))
    findings = []
    for rule, breach in breaches[:MAX_FINDINGS]:
        place = places.locate(breach.where)
        findings.append(
            Finding(
                rule.id,
                rule.severity,
                rule.area,
                breach.message,
                box=breach.box or rule.box,
                path=place.path,
                line=place.line,
                source=rule.source,
            )
        )
    return tuple(findings)
