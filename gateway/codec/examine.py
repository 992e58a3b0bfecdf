"""The examination of a document, whatever its bytes are."""

from datetime import datetime

from gateway.codec.profile import Profile
from gateway.codec.registry import Inspection, inspect
from gateway.errors import DocumentError
from gateway.permits.examination import Examination
from gateway.permits.findings import Report
from gateway.permits.refusals import findings_of
from gateway.permits.rules import Evidence, RuleSettings
from gateway.permits.rules.context import NOTHING
from gateway.permits.rules.settings import DEFAULT
from gateway.xmlio.canonical import sha256_hex
from gateway.xmlio.parse import parse


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
    permit = inspection.permit if inspection else None
    return Examination(
        name=name,
        digest=sha256_hex(data),
        at=at,
        profile=profile.value,
        report=report,
        version=inspection.version if inspection else "",
        type_code=permit.type_code if permit else "",
        issuer=permit.issuer if permit else "",
        number=permit.number_text if permit else "",
        species_dated=evidence.species.dated if evidence.species else None,
    )
