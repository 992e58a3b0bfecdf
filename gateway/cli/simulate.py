"""`ecites simulate`: many authorities on this machine, and a network that fails them."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.cli.options import Json

if TYPE_CHECKING:
    from gateway.cli.simulation.books import Page
    from gateway.cli.simulation.faults import Faults
    from gateway.cli.simulation.network import Network, Tell

NOT_BALANCED = 3
"""Exit code when the books do not add up: the gateway is broken."""

SECONDS_PER_LINE = 10
"""Between two lines of progress where there is no terminal."""

KINDS = "drop, delay, duplicate, reorder, cut, corrupt, refuse, kill"


def simulate(
    parties: Annotated[int, typer.Option(help="Countries that take part.", min=2, max=184)] = 20,
    permits: Annotated[int, typer.Option(help="Permits that travel.", min=1)] = 1000,
    gateways: Annotated[
        int, typer.Option(help="Processes that share the countries; 0: one for each, at most 4.", min=0)
    ] = 0,
    faults: Annotated[str, typer.Option(help=f"all, none, or some of: {KINDS}.")] = "all",
    rate: Annotated[
        float, typer.Option(help="Share of messages that something happens to.", min=0, max=0.9)
    ] = 0.25,
    seed: Annotated[int | None, typer.Option(help="Repeat what was chosen by chance.", min=0)] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the files where they are.")] = False,
    json: Json = False,
) -> None:
    """
    Let permits travel between many authorities over a network that fails them, and check the books.

    Real processes and real sockets on loopback, each gateway with its own SQLite file. At the end: each
    permit with each rightful consumer once, each sender with a valid receipt, each log whole. The same seed
    chooses the same countries, permits and faults; in which order things happen is up to the machine. Ends
    with 3 when anything does not add up.
    """
    import secrets
    import shutil
    import tempfile

    from gateway.cli.render import print_json
    from gateway.cli.simulation.faults import Faults

    gateways = gateways or min(parties, 4)
    if gateways > parties:
        raise typer.BadParameter("there are fewer countries than that", param_hint="--gateways")
    seed = seed if seed is not None else secrets.randbelow(1_000_000)
    chosen = Faults(seed, _kinds(faults), rate)
    folder = Path(tempfile.mkdtemp(prefix="ecites-simulation-"))
    try:
        result, pages = _simulate(folder, seed, parties, permits, gateways, chosen, quiet=json)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    good = not any(page.wrong for page in pages)
    if json:
        print_json(
            {"good": good, **result, "books": [page.as_dict() for page in pages]}
            | ({"files": str(folder)} if keep else {})
        )
    else:
        _show(result, pages)
        if keep:
            typer.echo(f"files kept in {folder}")
    raise typer.Exit(0 if good else NOT_BALANCED)


def _kinds(text: str) -> frozenset[Any]:
    """The faults that somebody asked for."""
    from gateway.cli.simulation.faults import Fault

    if text in ("all", "none"):
        return frozenset(Fault) if text == "all" else frozenset()
    try:
        return frozenset(Fault(word.strip()) for word in text.split(","))
    except ValueError:
        raise typer.BadParameter(f"write all, none, or some of: {KINDS}", param_hint="--faults") from None


def _simulate(
    folder: Path, seed: int, parties: int, permits: int, gateways: int, faults: "Faults", *, quiet: bool
) -> tuple[dict[str, Any], "list[Page]"]:
    """Make the gateways, let it all happen; what happened, and the books."""
    import asyncio

    from gateway.cli.simulation.network import make, running_network
    from gateway.cli.simulation.plan import choose_parties, make_plan, share_out

    if not quiet:
        typer.echo(
            f"{parties} countries at {gateways} gateways, {permits:,} permits, seed {seed}, faults: "
            + (", ".join(sorted(faults.kinds)) or "none")
        )
    chosen = choose_parties(seed, parties)
    hosted = share_out(chosen, gateways)
    made = make(folder, hosted)
    plan = make_plan(seed, chosen, permits, faults, sorted(hosted))

    async def run() -> "tuple[dict[str, Any], list[Page]]":
        from time import perf_counter

        async with running_network(made, faults) as network:
            begin = perf_counter()
            with _telling(permits, quiet=quiet) as tell:
                pages = await network.play(plan, tell)
            return _result(network, seed, parties, gateways, permits, perf_counter() - begin), pages

    return asyncio.run(run())


def _result(
    network: "Network", seed: int, parties: int, gateways: int, permits: int, seconds: float
) -> dict[str, Any]:
    """What happened."""
    return {
        "seed": seed,
        "parties": parties,
        "gateways": gateways,
        "permits": permits,
        "seconds": round(seconds, 1),
        "faults": {fault.value: count for fault, count in sorted(network.wire.struck.items())}
        | ({"kill": network.killed} if network.killed else {}),
        "handed_out_again": network.ledger.again,
        "requeued": network.requeued,
    }


def _telling(permits: int, *, quiet: bool) -> Any:
    """A progress bar on a terminal, a line now and then elsewhere, nothing for programs."""
    import contextlib
    import sys
    from collections.abc import Iterator
    from time import monotonic

    @contextlib.contextmanager
    def bar() -> "Iterator[Tell]":
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (
            TextColumn("arrived"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}"),
        )
        with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
            task = progress.add_task("", total=permits)
            yield lambda _, arrived, said: progress.update(task, completed=arrived, description=said)

    @contextlib.contextmanager
    def lines() -> "Iterator[Tell]":
        last = monotonic()

        def tell(handed: int, arrived: int, said: str) -> None:
            nonlocal last
            if not quiet and monotonic() - last > SECONDS_PER_LINE:
                last = monotonic()
                typer.echo(f"  {handed:,} handed over, {arrived:,} arrived, {said}", err=True)

        yield tell

    return bar() if sys.stderr.isatty() and not quiet else lines()


def _show(result: dict[str, Any], pages: "list[Page]") -> None:
    """For a person."""
    from gateway.cli.render import styled
    from gateway.cli.simulation.books import SHOWN

    struck = ", ".join(f"{count:,} {fault}" for fault, count in result["faults"].items()) or "none"
    typer.echo(f"{result['seconds']:g} s; faults: {struck}")
    typer.echo(
        f"items handed out again: {result['handed_out_again']:,}; dead letters sent again: "
        f"{result['requeued']:,}"
    )
    typer.echo("the books:")
    for page in pages:
        mark = styled("BAD ", "red") if page.wrong else styled("ok  ", "green")
        typer.echo(
            f"  {mark}{page.title}: {page.right:,}" + (f", not so: {len(page.wrong):,}" if page.wrong else "")
        )
        for complaint in page.wrong[:SHOWN]:
            typer.echo(f"        {complaint}")
    if any(page.wrong for page in pages):
        typer.echo(f"again: ecites simulate --seed {result['seed']} --keep, and look into the files")
