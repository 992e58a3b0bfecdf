"""`ecites qr`: signed statements for QR codes, and their check without a network."""

from pathlib import Path
from typing import Annotated

import typer

from gateway.cli import status_list
from gateway.cli.options import At, File, InLanguage, Json, Language, MinRsaBits, moment, policy_with

app = typer.Typer(help="Make QR codes with signed statements, and check them offline.", no_args_is_help=True)
app.add_typer(status_list.app, name="list")

LONGEST_ARGUMENT = 200
"""Characters; a longer argument is the statement itself, because no file is called so."""

Trust = Annotated[
    Path,
    typer.Option(
        help="Folder with certificates, revocation lists (*.crl), status lists (*.jws).", exists=True
    ),
]


@app.command(short_help="State what a sealed permit says, signed, for its QR code.")
def make(
    file: File,
    key: Annotated[Path, typer.Option(help="Private key of the seal, PEM.", exists=True, dir_okay=False)],
    cert: Annotated[
        Path,
        typer.Option("--cert", "--certificate", help="Its certificate, PEM.", exists=True, dir_okay=False),
    ],
    passphrase_file: Annotated[
        Path | None,
        typer.Option(help="Holds the passphrase of an encrypted key.", exists=True, dir_okay=False),
    ] = None,
    trust: Annotated[
        Path | None,
        typer.Option(help="Certificates that may have sealed the permit, beside --cert.", exists=True),
    ] = None,
    svg: Annotated[Path | None, typer.Option(help="Write the QR code as a drawing.", dir_okay=False)] = None,
    out: Annotated[
        Path | None, typer.Option(help="Where to write the text; standard output otherwise.", dir_okay=False)
    ] = None,
    at: At = None,
    json: Json = False,
) -> None:
    """
    State in brief what a sealed permit says, signed, for the QR code on its paper form.

    The seal is verified first. The text is a compact JSON Web Signature (RFC 7515).
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.cli.status_list import load_key
    from gateway.flows.make_statement import make_statement
    from gateway.permits.statement import to_claims
    from gateway.rendering.reference import BORDER, statement_symbol
    from gateway.signatures.issuer_folder import read_issuer_folder

    now = moment(at, "--at") or clock.now()
    signing_key = load_key(key, cert, passphrase_file, now)
    others = read_issuer_folder(trust).certificates if trust else ()
    made = make_statement(file.read_bytes(), signing_key, (signing_key.certificate, *others), at=now)
    code = statement_symbol(made.text)
    if svg is not None:
        code.save(str(svg), kind="svg", border=BORDER, scale=4, light="#fff")
    if out is not None:
        out.write_text(made.text + "\n", encoding="ascii")
    if json:
        print_json(
            {
                "text": made.text,
                "claims": to_claims(made.statement),
                "qr": {"version": code.designator, "modules": len(code.matrix)},
            }
        )
    elif out is None:
        typer.echo(made.text)
    else:
        typer.echo(f"{out}: {made.statement.ref}, {len(made.text)} characters, QR code {code.designator}")


@app.command()
def verify(
    statement: Annotated[
        str, typer.Argument(metavar="TEXT|FILE", help="The text of the code, a file with it, or - for input.")
    ],
    trust: Trust,
    status: Annotated[
        list[Path] | None,
        typer.Option(help="A status list outside the folder; repeatable.", exists=True, dir_okay=False),
    ] = None,
    document: Annotated[
        Path | None,
        typer.Option(help="The sealed permit: is it the one that is stated?", exists=True, dir_okay=False),
    ] = None,
    at: At = None,
    language: InLanguage = Language.EN,
    min_rsa_bits: MinRsaBits = None,
    json: Json = False,
) -> None:
    """
    Check the signed statement of a QR code, with no network.

    GOOD ends with 0. NOT GOOD and CHECK WITH THE ISSUER end with 1: a status list that is missing or too
    old is no reason to let a permit pass.
    """
    from gateway import clock
    from gateway.cli.render import print_json
    from gateway.errors import KeyMaterialError
    from gateway.flows.check_statement import check_statement
    from gateway.flows.status_lists import Issuers, prove_lists
    from gateway.permits.statement_report import Outcome
    from gateway.rendering.statement_text import statement_text
    from gateway.signatures.issuer_folder import read_issuer_folder

    policy, text = policy_with(min_rsa_bits), _text(statement)
    try:
        folder = read_issuer_folder(trust, status or ())
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust / --status") from None
    issuers = Issuers.in_folder(folder, policy)
    report = check_statement(
        text,
        issuers,
        prove_lists(folder.status_lists, issuers),
        at=moment(at, "--at") or clock.now(),
        document=document.read_bytes() if document else None,
    )
    if json:
        print_json(report.as_dict(language))
    else:
        typer.echo(statement_text(report, language), nl=False)
    raise typer.Exit(0 if report.verdict is Outcome.PASSED else 1)


def _text(argument: str) -> str:
    """The statement itself, or what stands in the file, or on standard input."""
    import sys

    if argument == "-":
        return sys.stdin.read()
    if len(argument) > LONGEST_ARGUMENT:
        return argument
    try:
        return Path(argument).read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise typer.BadParameter(
            f"{argument!r} is no statement, and as a file it cannot be read: {error.strerror}",
            param_hint="TEXT|FILE",
        ) from None
