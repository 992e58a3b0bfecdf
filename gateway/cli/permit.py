"""`ecites permit`: documents alone, without configuration and without database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.options import At, File, Json, moment

if TYPE_CHECKING:
    from gateway.permits.findings import Report

app = typer.Typer(help="Check, sign and verify permit files.", no_args_is_help=True)


@app.command()
def check(file: File, json: Json = False, at: At = None) -> None:
    """
    Check a permit against the schema of its version, the code lists and the CITES rules.

    Says nothing about signatures: see verify. Ends with 0 when nothing is wrong or there are only
    warnings, with 1 when there is an error.
    """
    from gateway import clock
    from gateway.codec.registry import inspect
    from gateway.errors import DocumentError
    from gateway.flows.admission import findings_of
    from gateway.permits.findings import Report
    from gateway.xmlio.parse import parse

    document, report = _document(None, None), Report()
    try:
        inspection = inspect(parse(file.read_bytes()), at=moment(at, "--at") or clock.now())
    except DocumentError as error:
        report = Report(findings_of(error))
    else:
        document, report = _document(inspection.version, inspection.permit), inspection.report
    _finish(file, document, "PASSED" if report.accepted else "FAILED", report, json=json)


@app.command()
def sign(
    file: File,
    key: Annotated[Path, typer.Option(help="Private key, PEM.", exists=True, dir_okay=False)],
    cert: Annotated[Path, typer.Option(help="Its certificate, PEM.", exists=True, dir_okay=False)],
    out: Annotated[Path | None, typer.Option(help="Where to write; standard output otherwise.")] = None,
    json: Json = False,
) -> None:
    """
    Seal a permit with an enveloped XML signature (exclusive C14N, SHA-256, RSA-3072 or ECDSA P-256).

    The permit is not judged: check it first.
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.errors import KeyMaterialError
    from gateway.signatures.keys import load_signing_key, subject_of
    from gateway.signatures.sign import sign as seal
    from gateway.xmlio.canonical import sha256_hex
    from gateway.xmlio.parse import parse

    if json and out is None:
        raise typer.BadParameter("needs --out, because both would go to standard output", param_hint="--json")
    try:
        signing_key = load_signing_key(key, cert, at=clock.now())
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--key / --cert") from None
    sealed = seal(parse(file.read_bytes()).root, signing_key)
    if out is None:
        typer.echo(sealed, nl=False)
        return
    out.write_bytes(sealed)
    signer = subject_of(signing_key.certificate)
    if json:
        print_json({"file": str(out), "sha256": sha256_hex(sealed), "signer": signer})
    else:
        typer.echo(f"{out}: sealed by {signer}, SHA-256 {sha256_hex(sealed)}")


@app.command()
def verify(
    file: File,
    trust: Annotated[
        Path, typer.Option(help="Certificate (PEM) or folder of certificates to trust.", exists=True)
    ],
    json: Json = False,
    at: At = None,
) -> None:
    """
    Verify the seal of a permit against certificates that you trust.

    PASSED: the signature holds and one of them made it. FAILED: it does not hold. INDETERMINATE: the
    signer is not among them, or the certificate is outside its time. Anything but PASSED ends with 1.
    """
    from gateway import clock
    from gateway.codec.registry import decode
    from gateway.errors import DocumentError, KeyMaterialError, SignatureRefused
    from gateway.flows.admission import findings_of
    from gateway.permits.findings import Report
    from gateway.signatures.keys import load_certificates
    from gateway.signatures.verify import passed
    from gateway.signatures.verify import verify as prove
    from gateway.xmlio.parse import parse

    try:
        trusted = load_certificates(trust)
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust") from None
    document, verdict = _document(None, None), "FAILED"
    try:
        parsed = parse(file.read_bytes())
        document = _claimed(parsed)
        sealed = decode(prove(parsed, trusted, at=moment(at, "--at") or clock.now()))
    except SignatureRefused as error:
        report, verdict = Report((error.verdict.finding(),)), error.verdict.indication.value
    except DocumentError as error:
        report = Report(findings_of(error))
    else:
        verdict = "PASSED"
        document = _document(sealed.version, sealed.permit)
        report = Report((passed(sealed.document).finding(),))
    _finish(file, document, verdict, report, json=json)


def _claimed(parsed: Any) -> dict[str, Any]:
    """What a document says of itself before anything is proven, so that a refusal can name it."""
    from gateway.codec.registry import VERSIONS, identify

    version = identify(parsed.root)
    return _document(version, VERSIONS[version].read(parsed.root).permit)


def _document(version: str | None, permit: Any) -> dict[str, Any]:
    """The `document` member of the JSON answer."""
    return {
        "version": version,
        "type": (permit.type_code or None) if permit else None,
        "issuer": (permit.issuer or None) if permit else None,
        "number": (permit.number_text or None) if permit else None,
    }


def _finish(file: Path, document: dict[str, Any], verdict: str, report: "Report", *, json: bool) -> None:
    """Print the answer and end with its exit code."""
    from gateway.cli.render import print_json, print_report

    if json:
        print_json({"document": document, "verdict": verdict, "findings": report.as_list()})
    else:
        print_report(str(file), document, verdict, report)
    raise typer.Exit(0 if verdict == "PASSED" else 1)
