"""How `ecites evidence` shows bundles: as text and as JSON."""

from pathlib import Path
from typing import Any

import typer

from gateway.cli.render import styled
from gateway.exchange.bundle import Bundle, BundledCertificate
from gateway.flows.bundle_report import BundleReport
from gateway.flows.export_evidence import Exported
from gateway.signatures.verdict import Indication
from gateway.wording import say, translated
from gateway.xmlio.canonical import sha256_hex

_COLOURS = {Indication.PASSED: "green", Indication.FAILED: "red", Indication.INDETERMINATE: "yellow"}


def print_exported(exported: Exported, file: Path) -> None:
    """What was written, who signed it, and how to check it."""
    bundle, receipt = exported.bundle, exported.bundle.receipt
    typer.echo(
        f"{file}: {receipt.sender} answered {receipt.outcome} for {bundle.envelope.header.permit}; "
        f"SHA-256 {sha256_hex(exported.data)}"
    )
    for certificate in bundle.certificates:
        typer.echo(f"  {certificate.signed:<9} {certificate.subject}, SHA-256 {certificate.sha256}")
    if not exported.registered:
        typer.echo("  the certificate of the partner is not registered for it any more")
    if bundle.logged is not None:
        typer.echo(f"  {len(bundle.logged.entries)} entries of the log {bundle.logged.origin}")
    typer.echo(f"to check it: ecites evidence verify {file} --trust FOLDER")


def exported_as_dict(exported: Exported) -> dict[str, Any]:
    """The JSON shape of an export."""
    return {
        "sha256": sha256_hex(exported.data),
        "bytes": len(exported.data),
        "registered": exported.registered,
        **_facts(exported.bundle),
    }


def print_report(report: BundleReport, file: Path, language: str) -> None:
    """The verdict, each check, and what follows."""
    typer.echo(f"{styled(report.verdict.value, _COLOURS[report.verdict])}: {file}")
    for check in report.checks:
        typer.echo(f"  {check.indication.value:<14} {check.id:<20} {translated(check.message, language)}")
    for title, sentences in ((say("proven"), report.proven), (say("not proven"), report.not_proven)):
        if sentences:
            typer.echo(f"{translated(title, language)}:")
        for sentence in sentences:
            typer.echo(f"  - {translated(sentence, language)}")


def report_as_dict(report: BundleReport, language: str) -> dict[str, Any]:
    """The JSON shape of a report; what the bundle says is there only when its signatures held."""
    return {
        "verdict": report.verdict.value,
        "checks": [
            {
                "id": check.id,
                "verdict": check.indication.value,
                "message": translated(check.message, language),
            }
            for check in report.checks
        ],
        "proven": [translated(sentence, language) for sentence in report.proven],
        "not_proven": [translated(sentence, language) for sentence in report.not_proven],
        **(_facts(report.bundle) if report.bundle else {}),
    }


def _facts(bundle: Bundle) -> dict[str, Any]:
    """What a bundle is about."""
    header, receipt = bundle.envelope.header, bundle.receipt
    return {
        "message_id": header.message_id,
        "sender": str(header.sender),
        "recipient": str(header.recipient),
        "kind": header.kind.value,
        "issuer": header.permit.issuer,
        "number": header.permit.number,
        "received_at": receipt.received_at.isoformat(),
        "outcome": receipt.outcome.value,
        "envelope_sha256": receipt.envelope_digest,
        "payload_sha256": receipt.payload_digest,
        "certificates": [_certificate(each) for each in bundle.certificates],
        **_log(bundle),
    }


def _log(bundle: Bundle) -> dict[str, Any]:
    """What the log shows; nothing in a bundle of version 1."""
    if bundle.logged is None:
        return {}
    return {
        "log": {
            "origin": bundle.logged.origin,
            "size": bundle.logged.size,
            "signed_at": bundle.logged.signed_at.isoformat(),
            "entries": [
                {"at": each.at, "kind": each.kind, "outcome": each.outcome} for each in bundle.logged.entries
            ],
        },
        "revocation_lists": [
            {"issuer": each.issuer, "made_at": each.made_at.isoformat()} for each in bundle.lists
        ],
    }


def _certificate(certificate: BundledCertificate) -> dict[str, str]:
    """Whose, and how to recognise it."""
    return {
        "signed": certificate.signed.value,
        "subject": certificate.subject,
        "sha256": certificate.sha256,
        "valid_from": certificate.begins.isoformat(),
        "valid_until": certificate.ends.isoformat(),
    }
