"""An error about a document, in the shape of findings."""

from gateway.errors import DocumentError, GatewayError, SchemaInvalid, SignatureRefused
from gateway.permits.findings import Area, Finding, Severity
from gateway.wording import say


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
    message = error.message
    if error.advice:
        message = say("{what}; {advice}", what=error.message, advice=error.advice)
    return (
        Finding(
            f"{area.value}.{error.code.replace('_', '-')}",
            Severity.ERROR,
            area,
            message,
            line=error.fields.get("line"),
        ),
    )
