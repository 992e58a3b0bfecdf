"""What `ecites delivery` and `ecites dead` do: look for deliveries, preview an act, act."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

import typer

from gateway.cli.codes_text import print_table
from gateway.cli.render import print_json
from gateway.config import Settings
from gateway.exchange.delivery import DeliveryState
from gateway.exchange.delivery_query import DeliveryQuery
from gateway.exchange.records import Attempt, DeliveryRecord
from gateway.flows.author import Author
from gateway.flows.operate import PAGE, Act, act_on, find, preview
from gateway.flows.ports import Node
from gateway.loading.database import open_database
from gateway.loading.node import bare_node

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Shown:
    """One delivery with its attempts."""

    record: DeliveryRecord
    attempts: tuple[Attempt, ...]


def with_node(settings: Settings, work: Callable[[Node], Awaitable[T]]) -> T:
    """Run something on the database of a gateway, beside the one that may be serving."""

    async def run() -> T:
        database = await open_database(settings)
        try:
            return await work(bare_node(database, settings.people))
        finally:
            await database.close()

    return asyncio.run(run())


def search(settings: Settings, query: DeliveryQuery) -> list[DeliveryRecord]:
    """A page of deliveries, oldest first."""

    async def look(node: Node) -> list[DeliveryRecord]:
        return await find(query, node)

    return with_node(settings, look)


def get(settings: Settings, delivery_id: str) -> Shown | None:
    """One delivery with its attempts; None when there is none."""

    async def look(node: Node) -> Shown | None:
        async with node.storage.read() as transaction:
            record = await transaction.deliveries.get(delivery_id)
            if record is None:
                return None
            return Shown(record, tuple(await transaction.deliveries.attempts(delivery_id)))

    return with_node(settings, look)


def operate(  # what a command knows
    act: Act, query: DeliveryQuery, author: Author, settings: Settings, *, yes: bool, json: bool
) -> None:
    """
    Show what an act would be done to, ask, do it, and tell how many it was done to.

    With nothing to do nothing is asked.
    """
    seen = with_node(settings, lambda node: preview(act, query, node))
    total = seen.total
    if not json:
        rows = [(partner, state, str(count)) for (partner, state), count in sorted(seen.counted.items())]
        print_table(("partner", "state", "deliveries"), rows)
    if total and not yes:
        typer.confirm(f"{act.value.capitalize()} {total} {_deliveries(total)}?", abort=True)
    done = with_node(settings, lambda node: _act(act, query, author, node, total)) if total else 0
    if json:
        print_json({"act": act.value, "found": total, "done": done})
        return
    typer.echo(f"{act.value}: {done} {_deliveries(done)}")
    if done < total:
        typer.echo(f"{total - done} changed meanwhile and stayed as they are")


async def _act(act: Act, query: DeliveryQuery, author: Author, node: Node, total: int) -> int:
    """With a progress bar on a terminal, when it takes long."""
    if total <= PAGE or not sys.stderr.isatty():
        return await act_on(act, query, author, node)
    with typer.progressbar(length=total, label=act.value, file=sys.stderr) as bar:
        return await act_on(act, query, author, node, bar.update)


def _deliveries(count: int) -> str:
    """One or more."""
    return "delivery" if count == 1 else "deliveries"


def print_page(records: list[DeliveryRecord], *, limit: int, json: bool) -> None:
    """A page of deliveries, and how to get the next one."""
    following = records[-1].id if len(records) == limit else None
    if json:
        print_json({"deliveries": [as_dict(record) for record in records], "next": following})
        return
    rows = [
        (
            record.id,
            record.partner or "(here)",
            str(record.permit),
            record.state.value,
            str(record.attempts),
            f"{record.created_at:%Y-%m-%d %H:%M}Z",
            record.error_code,
        )
        for record in records
    ]
    print_table(("id", "partner", "permit", "state", "attempts", "since", "error"), rows)
    typer.echo(
        f"{len(records)} {_deliveries(len(records))}"
        + (f"; more with --after {following}" if following else "")
    )


def print_one(shown: Shown, *, json: bool) -> None:
    """All about one delivery, and what to do next."""
    record = shown.record
    if json:
        print_json({**as_dict(record), "attempts": [_attempt(each) for each in shown.attempts]})
        return
    typer.echo(f"{record.id}  {record.state.value}")
    for label, value in (
        ("permit", str(record.permit)),
        ("sender", str(record.sender)),
        ("recipient", f"{record.recipient} at {record.partner or 'this gateway'}"),
        ("message", record.message_id),
        ("since", _moment(record.created_at)),
        ("requeued", _moment(record.requeued_at)),
        ("next try", _moment(record.next_attempt_at)),
        ("settled", _moment(record.settled_at)),
        ("error", f"{record.error} [{record.error_code}]" if record.error_code else ""),
    ):
        if value:
            typer.echo(f"  {label:<10} {value}")
    for number, each in enumerate(shown.attempts, start=1):
        typer.echo(
            f"  attempt {number:<3} {each.started_at:%Y-%m-%d %H:%M:%S}Z  {each.seconds:.3f} s  "
            f"{each.outcome}  {each.address}"
        )
        if each.error:
            typer.echo(f"              {each.error}")
    typer.echo(f"what to do: {_NEXT[record.state]}")


_NEXT = {
    DeliveryState.QUEUED: "nothing; to try it at once: ecites delivery retry ID",
    DeliveryState.SENDING: "nothing: it is on its way",
    DeliveryState.DELIVERED: "nothing: the partner has it",
    DeliveryState.DELIVERED_WITH_WARNINGS: "nothing must be done; read the partner's remarks",
    DeliveryState.NOT_READABLE: "the authority must mend the permit and submit it again",
    DeliveryState.REFUSED: "the authority must look at the partner's reasons",
    DeliveryState.NO_RECEIPT: "ask the partner whether it has it; to send it again: ecites dead requeue ID",
    DeliveryState.DEAD: "mend what the error names, then: ecites dead requeue ID",
    DeliveryState.DROPPED: "nothing: an operator has given it up",
}


def as_dict(record: DeliveryRecord) -> dict[str, Any]:
    """The JSON shape of a delivery."""
    return {
        "id": record.id,
        "conversation_id": record.conversation_id,
        "message_id": record.message_id,
        "sender": str(record.sender),
        "recipient": str(record.recipient),
        "partner": record.partner,
        "issuer": record.permit.issuer,
        "number": record.permit.number,
        "state": record.state.value,
        "attempts": record.attempts,
        "created_at": record.created_at.isoformat(),
        "requeued_at": _iso(record.requeued_at),
        "next_attempt_at": _iso(record.next_attempt_at),
        "settled_at": _iso(record.settled_at),
        "error_code": record.error_code,
        "error": record.error,
    }


def _attempt(each: Attempt) -> dict[str, Any]:
    """The JSON shape of an attempt."""
    return {
        "started_at": each.started_at.isoformat(),
        "seconds": each.seconds,
        "address": each.address,
        "outcome": each.outcome,
        "error": each.error,
    }


def _iso(moment: datetime | None) -> str | None:
    """For machines."""
    return moment.isoformat() if moment else None


def _moment(moment: datetime | None) -> str:
    """For people."""
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC" if moment else ""
