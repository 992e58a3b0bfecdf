"""`ecites permit`: documents alone, without configuration and without database."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli import check, convert, show
from gateway.cli.options import At, File, InLanguage, Json, Language, MinRsaBits, moment, policy_with

if TYPE_CHECKING:
    from gateway.xmlio.parse import ParsedDocument

app = typer.Typer(help="Check, show, convert, sign and verify permit files.", no_args_is_help=True)
app.command()(check.check)
app.command()(show.show)
app.command()(convert.convert)


@app.command()
def sign(
    file: File,
    key: Annotated[Path, typer.Option(help="Private key, PEM.", exists=True, dir_okay=False)],
    cert: Annotated[Path, typer.Option(help="Its certificate, PEM.", exists=True, dir_okay=False)],
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Holds the passphrase of an encrypted key.", exists=True, dir_okay=False),
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where to write; standard output otherwise.")] = None,
    json: Json = False,
) -> None:
    """
    Seal a permit with an enveloped XML signature and XAdES properties (signing time, certificate).

    Keys: RSA of 3072 bits or more, ECDSA P-256, P-384 or P-521. The permit is not judged: check it first.
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.errors import KeyMaterialError
    from gateway.signatures.keyfile import read_passphrase
    from gateway.signatures.keys import load_signing_key, subject_of
    from gateway.signatures.sign import sign as seal
    from gateway.xmlio.canonical import sha256_hex
    from gateway.xmlio.parse import parse

    if json and out is None:
        raise typer.BadParameter("needs --out, because both would go to standard output", param_hint="--json")
    try:
        passphrase = read_passphrase(passphrase_file) if passphrase_file else None
        signing_key = load_signing_key(key, cert, at=clock.now(), passphrase=passphrase)
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--key / --cert") from None
    sealed = seal(parse(file.read_bytes()).root, signing_key, at=clock.now())
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
    language: InLanguage = Language.EN,
    min_rsa_bits: MinRsaBits = None,
) -> None:
    """
    Verify the seal of a permit against certificates that you trust.

    PASSED: the signature holds and one of them made it. FAILED: it does not hold. INDETERMINATE: the
    signer is not among them, or the certificate is outside its time or has too weak a key. Anything but
    PASSED ends with 1.
    """
    from gateway import clock
    from gateway.cli.render import print_examination, print_json
    from gateway.codec.examine import summary
    from gateway.codec.registry import decode
    from gateway.errors import DocumentError, KeyMaterialError, SignatureRefused
    from gateway.permits.findings import Report
    from gateway.permits.refusals import findings_of
    from gateway.signatures.keys import load_certificates
    from gateway.signatures.report import Basis, report_held, report_refused
    from gateway.signatures.verify import passed
    from gateway.signatures.verify import verify as prove
    from gateway.wording import translated
    from gateway.xmlio.parse import parse

    policy = policy_with(min_rsa_bits)
    try:
        trusted = load_certificates(trust)
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust") from None
    data, now = file.read_bytes(), moment(at, "--at") or clock.now()
    permit, version, verdict, seal = None, "", "FAILED", None
    basis = Basis.ASKED if at else Basis.NOW
    try:
        parsed = parse(data)
        version, permit = _claimed(parsed)
        sealed = decode(prove(parsed, trusted, at=now, policy=policy))
    except SignatureRefused as error:
        report, verdict = Report((error.verdict.finding(),)), error.verdict.indication.value
        seal = report_refused(error.verdict, at=now, basis=basis)
    except DocumentError as error:
        report = Report(findings_of(error))
    else:
        verdict, version, permit = "PASSED", sealed.version, sealed.permit
        held = passed(sealed.document)
        report = Report((held.finding(),))
        seal = report_held(sealed.document, held, at=now, basis=basis, now=clock.now())
    examination = summary(
        data, name=str(file), at=now, report=report, version=version, permit=permit, verdict=verdict
    )
    if json:
        told = {"seal": seal.as_dict() if seal else None}
        print_json(examination.as_dict(language) | told)
    else:
        print_examination(examination, data, language)
        for sentence in seal.sentences()[1:] if seal else ():
            typer.echo(f"  - {translated(sentence, language)}")
    raise typer.Exit(0 if verdict == "PASSED" else 1)


def _claimed(parsed: "ParsedDocument") -> tuple[str, Any]:
    """What a document says of itself before anything is proven, so that a refusal can name it."""
    from gateway.codec.registry import VERSIONS, identify

    version = identify(parsed.root)
    return version, VERSIONS[version].read(parsed.root).permit
