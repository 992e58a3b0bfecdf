"""From rows to records and back, where a column is not the value itself."""

import json
from collections.abc import Sequence
from typing import Any

from gateway.permits.findings import Area, Finding, Severity
from gateway.permits.identity import AuthorityId, PermitRef


def findings_to_text(findings: Sequence[Finding]) -> str:
    """Findings as JSON."""
    return json.dumps([finding.as_dict() for finding in findings], ensure_ascii=False) if findings else "[]"


def findings_from_text(text: str) -> tuple[Finding, ...]:
    """Findings from JSON."""
    return tuple(
        Finding(**{**item, "severity": Severity(item["severity"]), "area": Area(item["area"])})
        for item in json.loads(text)
    )


def permit_ref(row: Any) -> PermitRef:
    """Issuer and number of a row."""
    return PermitRef(row.issuer, row.number)


def authority(text: str) -> AuthorityId:
    """The id of an authority as stored."""
    return AuthorityId.parse(text)
