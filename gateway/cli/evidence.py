"""`ecites evidence`: a message, its receipt and what is logged about them, for others to check."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, InLanguage, Json, Language, MinRsaBits, Who

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.flows.author import Author
    from gateway.flows.export_evidence import Exported

app = typer.Typer(help="Export evidence about a message, and check it.", no_args_is_help=True)

NOT_PASSED = 1
"""Exit code when a file does not prove what it claims."""


@app.command()
def export(
    wanted: Annotated[
        str,
        typer.Argument(
            metavar="MESSAGE-ID", help="Id of a message, or of a delivery (ecites delivery list)."
        ),
    ],
    file: Annotated[Path, typer.Argument(help="Where to write; must not exist.", dir_okay=False)],
    reason: Annotated[str, typer.Option(help="For what; it stands in the message log.")] = "",
    who: Who = None,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Write all that proves a message into one archive (ZIP).

    Message, receipt, certificates, revocation lists, and what is logged about it with the proofs that it is
    in the log. It also tells, in words, how to check it with openssl and xmlsec1 alone. The archive holds
    the permit: give it to nobody who may not see that. The export is logged.
    """
    import asyncio

    from gateway.cli.evidence_text import exported_as_dict, print_exported
    from gateway.cli.options import author_of
    from gateway.cli.render import print_json
    from gateway.config import load
    from gateway.flows.author import Author

    name = author_of(who, reason or "-", json=False, yes=True)
    if file.exists():
        raise typer.BadParameter(f"{file} exists already; name another file", param_hint="FILE")
    exported = asyncio.run(_export(load(config), wanted, Author(name, reason)))
    try:
        with file.open("xb") as target:
            target.write(exported.data)
    except FileExistsError:
        raise typer.BadParameter(f"{file} exists already; name another file", param_hint="FILE") from None
    except OSError as error:
        raise typer.BadParameter(f"{file} cannot be written: {error.strerror}", param_hint="FILE") from None
    if json:
        print_json({"file": str(file), **exported_as_dict(exported)})
    else:
        print_exported(exported, file)


async def _export(settings: "Settings", wanted: str, author: "Author") -> "Exported":
    """Beside a running gateway; its key may have to sign a checkpoint."""
    from gateway import clock
    from gateway.flows.export_evidence import export_evidence
    from gateway.loading.beliefs import Beliefs
    from gateway.loading.database import open_database
    from gateway.loading.node import make_node

    beliefs = Beliefs.load(settings, clock.now())
    database = await open_database(settings)
    try:
        return await export_evidence(wanted, author, make_node(settings, beliefs, database, lambda: None))
    finally:
        await database.close()


@app.command()
def verify(
    file: Annotated[
        Path, typer.Argument(help="The evidence, a ZIP archive.", exists=True, dir_okay=False, readable=True)
    ],
    trust: Annotated[
        Path | None,
        typer.Option(help="Certificate (PEM) or folder of certificates to trust.", exists=True),
    ] = None,
    min_rsa_bits: MinRsaBits = None,
    language: InLanguage = Language.EN,
    json: Json = False,
) -> None:
    """
    Check what export has written, offline: what it proves, and what not.

    PASSED: signed by certificates that you trust, about these bytes, and no byte was changed. FAILED:
    something does not hold. INDETERMINATE: it holds, but those who signed are not among the certificates of
    --trust, or it was not given. Anything but PASSED ends with 1.
    """
    from dataclasses import replace

    from gateway import clock
    from gateway.cli.evidence_text import print_report, report_as_dict
    from gateway.cli.options import policy_with
    from gateway.cli.render import print_json
    from gateway.errors import KeyMaterialError
    from gateway.exchange.bundle import MAX_BYTES
    from gateway.flows.bundle_evidence import EVIDENCE_POLICY
    from gateway.flows.check_bundle import check_bundle
    from gateway.signatures.keys import load_certificates
    from gateway.signatures.verdict import Indication

    policy = replace(EVIDENCE_POLICY, min_rsa_bits=policy_with(min_rsa_bits).min_rsa_bits)
    try:
        trusted = load_certificates(trust) if trust is not None else None
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust") from None
    with file.open("rb") as source:
        data = source.read(MAX_BYTES + 1)
    report = check_bundle(data, trusted, now=clock.now(), policy=policy)
    if json:
        print_json({"file": str(file), **report_as_dict(report, language)})
    else:
        print_report(report, file, language)
    raise typer.Exit(0 if report.verdict is Indication.PASSED else NOT_PASSED)
