"""`ecites receipt`: a partner's receipt as a proof that others can check."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json

if TYPE_CHECKING:
    from gateway.config import Settings
    from gateway.flows.export_receipt import Exported

app = typer.Typer(help="Export receipts as proofs of delivery, and check them.", no_args_is_help=True)

NOT_PASSED = 1
"""Exit code when a bundle does not prove what it claims."""


@app.command()
def export(
    wanted: Annotated[
        str, typer.Argument(metavar="ID", help="Id of a delivery (ecites delivery list) or of a message.")
    ],
    file: Annotated[Path, typer.Argument(help="Where to write; must not exist.", dir_okay=False)],
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Write message, receipt and certificates of a delivery into one archive (ZIP).

    It also tells, in words, how to check it with openssl and xmlsec1 alone. The archive holds the permit:
    give it to nobody who may not see that.
    """
    import asyncio

    from gateway.cli.receipt_text import exported_as_dict, print_exported
    from gateway.cli.render import print_json
    from gateway.config import load

    exported = asyncio.run(_export(load(config), wanted))
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


async def _export(settings: "Settings", wanted: str) -> "Exported":
    """Beside a running gateway, without its private keys."""
    from dataclasses import replace

    from gateway.flows.export_receipt import export_receipt
    from gateway.loading.beliefs import policy_in_use
    from gateway.loading.database import open_database
    from gateway.loading.directories import load_directories
    from gateway.loading.known import load_others
    from gateway.loading.node import bare_node

    known = load_others(settings, load_directories(settings))
    database = await open_database(settings)
    try:
        node = replace(bare_node(database), trust=known.trust, policy=policy_in_use(settings, known))
        return await export_receipt(wanted, node)
    finally:
        await database.close()


@app.command()
def verify(
    file: Annotated[
        Path, typer.Argument(help="The bundle, a ZIP archive.", exists=True, dir_okay=False, readable=True)
    ],
    trust: Annotated[
        Path | None,
        typer.Option(help="Certificate (PEM) or folder of certificates to trust.", exists=True),
    ] = None,
    json: Json = False,
) -> None:
    """
    Check what export has written, offline: what it proves, and what not.

    PASSED: signed by certificates that you trust, about these bytes, and no byte was changed. FAILED:
    something does not hold. INDETERMINATE: it holds, but those who signed are not among the certificates of
    --trust, or it was not given. Anything but PASSED ends with 1.
    """
    from gateway import clock
    from gateway.cli.receipt_text import print_report, report_as_dict
    from gateway.cli.render import print_json
    from gateway.errors import KeyMaterialError
    from gateway.exchange.bundle import MAX_BYTES
    from gateway.flows.check_bundle import check_bundle
    from gateway.signatures.keys import load_certificates
    from gateway.signatures.verdict import Indication

    try:
        trusted = load_certificates(trust) if trust is not None else None
    except KeyMaterialError as error:
        raise typer.BadParameter(error.message, param_hint="--trust") from None
    with file.open("rb") as source:
        data = source.read(MAX_BYTES + 1)
    report = check_bundle(data, trusted, now=clock.now())
    if json:
        print_json({"file": str(file), **report_as_dict(report)})
    else:
        print_report(report, file)
    raise typer.Exit(0 if report.verdict is Indication.PASSED else NOT_PASSED)
