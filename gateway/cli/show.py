"""`ecites permit show`: a permit drawn as the CITES form."""

import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import At, File, InLanguage, Language, MinRsaBits, ReadAs, moment, policy_with
from gateway.codec.profile import Profile

if TYPE_CHECKING:
    from gateway.permits.model import Permit
    from gateway.rendering.form import Form, Seal
    from gateway.signatures.policy import SignaturePolicy
    from gateway.xmlio.parse import ParsedDocument

REFUSED = 1
"""Exit code when there is nothing to draw, or when the signature that was asked about did not pass."""


def show(
    file: File,
    html: Annotated[bool, typer.Option("--html", help="A page for a browser, a telephone or paper.")] = False,
    pdf: Annotated[bool, typer.Option("--pdf", help="A4, with continuation sheets.")] = False,
    text: Annotated[bool, typer.Option("--text", help="Plain text; this when nothing is said.")] = False,
    out: Annotated[
        Path | None, typer.Option(help="Where to write; standard output otherwise.", dir_okay=False)
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(help="Certificate (PEM) or folder of certificates to trust.", exists=True),
    ] = None,
    language: InLanguage = Language.EN,
    at: At = None,
    profile: ReadAs = Profile.STRICT,
    min_rsa_bits: MinRsaBits = None,
    qr: Annotated[
        Path | None,
        typer.Option(
            "--qr",
            metavar="FILE",
            help="The statement that `ecites qr make` wrote: goes into the QR code.",
            exists=True,
            dir_okay=False,
        ),
    ] = None,
) -> None:
    """
    Draw a permit as the CITES form: boxes 1 to 15, status, signature, QR code.

    Rules are not checked: see check. The signature is checked with --trust, and a form with a bad one is
    drawn all the same, with the verdict on top. Ends with 1 when the document does not fit its schema, or
    when --trust is given and the verdict is not PASSED.
    """
    from gateway import clock
    from gateway.permits.validity import standing_of
    from gateway.rendering.form import form_of
    from gateway.xmlio.canonical import sha256_hex

    draw = _chosen(html=html, pdf=pdf, text=text)
    if qr is not None and (trust is None or not (html or pdf)):
        raise typer.BadParameter("needs --trust, and --html or --pdf", param_hint="--qr")
    if pdf and out is None and sys.stdout.isatty():
        raise typer.BadParameter("a PDF does not go to a terminal; name a file", param_hint="--out")
    policy = policy_with(min_rsa_bits)
    now, data = moment(at, "--at") or clock.now(), file.read_bytes()
    document, version, permit = _read(file, data, now, language, profile)
    seal = None
    if trust is not None:
        seal, proven = _verified(document, trust, now, profile, policy)
        permit = proven or permit
    statement = _statement(qr, trust, data, now, policy) if qr is not None and trust is not None else ""
    form = form_of(
        permit,
        standing=standing_of(permit, now),
        seal=seal,
        digest=sha256_hex(data),
        version=version,
        language=language,
        statement=statement,
    )
    _write(draw(form, now), out)
    if out is not None:
        typer.echo(f"{out}: {form.title} {form.number}: {', '.join(stamp.words for stamp in form.stamps)}")
    if seal is not None and seal.indication != "PASSED":
        raise typer.Exit(REFUSED)


def _chosen(*, html: bool, pdf: bool, text: bool) -> Callable[["Form", datetime], bytes]:
    """What draws a form, from the three options."""
    if html + pdf + text > 1:
        raise typer.BadParameter("choose one of them", param_hint="--html / --pdf / --text")
    if html:
        from gateway.rendering.html import to_html

        return lambda form, _: to_html(form).encode()
    if pdf:
        from gateway.rendering.pdf import to_pdf

        return lambda form, now: to_pdf(form, created=now)
    from gateway.rendering.text import to_text

    return lambda form, _: to_text(form).encode()


def _read(
    file: Path, data: bytes, now: datetime, language: str, profile: Profile
) -> tuple["ParsedDocument", str, "Permit"]:
    """The document, its message version, and what it says; ends with the findings when it cannot be read."""
    from gateway.cli.render import print_examination
    from gateway.codec.examine import summary
    from gateway.codec.registry import inspect
    from gateway.errors import DocumentError
    from gateway.permits.findings import Report
    from gateway.permits.refusals import findings_of
    from gateway.xmlio.parse import parse

    version = ""
    try:
        document = parse(data)
        inspection = inspect(document, at=now, profile=profile)
    except DocumentError as error:
        report = Report(findings_of(error))
    else:
        version, report = inspection.version, inspection.report
        if inspection.permit is not None:
            return document, version, inspection.permit
    examination = summary(data, name=str(file), at=now, profile=profile, report=report, version=version)
    print_examination(examination, data, language)
    raise typer.Exit(REFUSED)


def _verified(
    document: "ParsedDocument", trust: Path, now: datetime, profile: Profile, policy: "SignaturePolicy"
) -> tuple["Seal", "Permit | None"]:
    """The verdict on the signature and, when it passed, the permit as read from what was signed."""
    from gateway.codec.registry import decode
    from gateway.errors import KeyMaterialError, SignatureRefused
    from gateway.rendering.form import Seal
    from gateway.signatures.keys import load_certificates
    from gateway.signatures.verify import passed, verify

    try:
        trusted = load_certificates(trust)
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust") from None
    try:
        proven = verify(document, trusted, at=now, policy=policy)
    except SignatureRefused as refused:
        return Seal(refused.verdict.indication.value, refused.verdict.message), None
    verdict = passed(proven)
    return Seal(verdict.indication.value, verdict.message), decode(proven, profile).permit


def _statement(qr: Path, trust: Path, data: bytes, now: datetime, policy: "SignaturePolicy") -> str:
    """
    The text of a statement whose signature holds and which is about this very document.

    Whether it is barred is for those who scan it; ends with a usage error when it may not be drawn.
    """
    from gateway.flows.check_statement import check_statement
    from gateway.flows.status_lists import Issuers
    from gateway.permits.statement_report import Outcome, Question
    from gateway.signatures.issuer_folder import read_issuer_folder

    text = qr.read_text(encoding="utf-8", errors="replace").strip()
    issuers = Issuers.in_folder(read_issuer_folder(trust), policy)
    report = check_statement(text, issuers, (), at=now, document=data)
    beside = (Question.DATES, Question.STATUS)
    for check in report.checks:
        if check.outcome is not Outcome.PASSED and check.question not in beside:
            raise typer.BadParameter(check.sentence, param_hint="--qr")
    return text


def _write(drawing: bytes, out: Path | None) -> None:
    """To a file, or to standard output as it is."""
    if out is None:
        typer.echo(drawing, nl=False)
        return
    try:
        out.write_bytes(drawing)
    except OSError as error:
        raise typer.BadParameter(f"{out} cannot be written: {error.strerror}", param_hint="--out") from None
