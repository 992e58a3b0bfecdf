"""The examination of a document, whatever its bytes are."""

from dataclasses import replace
from datetime import datetime

from gateway.codec.profile import Profile
from gateway.codec.registry import Inspection, inspect
from gateway.errors import DocumentError
from gateway.permits.examination import Examination
from gateway.permits.findings import Report
from gateway.permits.model import Permit
from gateway.permits.refusals import findings_of
from gateway.permits.rules import Evidence, RuleSettings
from gateway.permits.rules.context import NOTHING
from gateway.permits.rules.settings import DEFAULT
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import MAX_BYTES, parse


def examine(
    data: bytes,
    *,
    name: str,
    at: datetime,
    profile: Profile = Profile.STRICT,
    evidence: Evidence = NOTHING,
    settings: RuleSettings = DEFAULT,
) -> Examination:
    """
    Everything that can be said about some bytes that may be a permit, but about their seal.

    `at` (aware) is the moment for which the question is asked. Never raises for what the bytes hold: what
    cannot be read is a finding.
    """
    inspection: Inspection | None = None
    try:
        inspection = inspect(parse(data), at=at, profile=profile, evidence=evidence, settings=settings)
        report = inspection.report
    except DocumentError as error:
        report = Report(findings_of(error))
    version, permit = (inspection.version, inspection.permit) if inspection else ("", None)
    examination = summary(
        data, name=name, at=at, profile=profile, report=report, version=version, permit=permit
    )
    return replace(examination, species_dated=evidence.species.dated if evidence.species else None)


def summary(
    data: bytes,
    *,
    name: str,
    at: datetime,
    report: Report,
    profile: Profile = Profile.STRICT,
    version: str = "",
    permit: Permit | None = None,
    verdict: str = "",
) -> Examination:
    """What is known about some bytes, with the report that somebody else made about them."""
    return Examination(
        name=name,
        # Of a file that is too large only the beginning is read, and its digest would be another file's.
        digest=sha256_hex(data) if len(data) <= MAX_BYTES else "",
        at=at,
        profile=profile.value,
        report=report,
        version=version,
        type_code=permit.type_code if permit else "",
        issuer=permit.issuer if permit else "",
        number=permit.number_text if permit else "",
        verdict=verdict,
    )
