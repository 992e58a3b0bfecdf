"""`ecites delivery` and `ecites dead`: messages on their way, and those that were given up."""

from typing import TYPE_CHECKING, Annotated

import typer

from gateway.cli.options import DEFAULT_CONFIG, Config, Json, Reason, Who, Yes, author_of, moment

if TYPE_CHECKING:
    from gateway.exchange.delivery import DeliveryState
    from gateway.exchange.delivery_query import DeliveryQuery

app = typer.Typer(help="See messages on their way; try them now, give them up.", no_args_is_help=True)
dead = typer.Typer(help="See messages that were given up; send them again.", no_args_is_help=True)

Ids = Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="Ids of deliveries.")]
Partner = Annotated[str, typer.Option(help="Only to this partner.")]
State = Annotated[list[str] | None, typer.Option(help="Only in this state, such as dead; may be repeated.")]
Error = Annotated[str, typer.Option(metavar="CODE", help="Only with this code of the last error.")]
Before = Annotated[str | None, typer.Option(metavar="TIME", help="Only queued before then (ISO 8601).")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="Only queued from then on (ISO 8601).")]
After = Annotated[str, typer.Option(metavar="ID", help="Younger than this one: the next page.")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="At most so many.")]
All = Annotated[bool, typer.Option("--all", help="Every one; needed when nothing else narrows it down.")]


@app.command("list")
def list_(
    partner: Partner = "",
    state: State = None,
    error: Error = "",
    before: Before = None,
    since: Since = None,
    after: After = "",
    limit: Limit = 100,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """List deliveries, oldest first; all conditions hold together."""
    _list(_query(None, partner, state, error, before, since, after, limit), config, json=json)


@app.command()
def show(
    delivery: Annotated[str, typer.Argument(metavar="ID", help="Id of a delivery.")],
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Show one delivery with every attempt, and what to do next."""
    from gateway.cli.operating import get, print_one
    from gateway.config import load

    shown = get(load(config), delivery)
    if shown is None:
        raise typer.BadParameter(f"there is no delivery {delivery!r}: ecites delivery list", param_hint="ID")
    print_one(shown, json=json)


@app.command()
def retry(
    reason: Reason,
    ids: Ids = None,
    partner: Partner = "",
    error: Error = "",
    before: Before = None,
    since: Since = None,
    everything: All = False,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Try what waits for its next attempt now, after showing how many there are."""
    query = _narrowed(_query(ids, partner, None, error, before, since), everything=everything)
    _operate("retry", query, reason, name, config, yes=yes, json=json)


@app.command()
def drop(
    reason: Reason,
    ids: Ids = None,
    partner: Partner = "",
    state: State = None,
    error: Error = "",
    before: Before = None,
    since: Since = None,
    everything: All = False,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Give up what waits, or was given up by the gateway; it is not sent any more."""
    query = _narrowed(_query(ids, partner, state, error, before, since), everything=everything)
    _operate("drop", query, reason, name, config, yes=yes, json=json)


@dead.command("list")
def list_dead(
    partner: Partner = "",
    error: Error = "",
    before: Before = None,
    since: Since = None,
    after: After = "",
    limit: Limit = 100,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """List deliveries that the gateway has given up, oldest first."""
    from gateway.exchange.delivery_query import DEAD_LETTERS

    query = _query(None, partner, [state.value for state in DEAD_LETTERS], error, before, since, after, limit)
    _list(query, config, json=json)


@dead.command()
def requeue(
    reason: Reason,
    ids: Ids = None,
    partner: Partner = "",
    state: State = None,
    error: Error = "",
    before: Before = None,
    since: Since = None,
    everything: All = False,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """
    Send again what was given up: the same envelope under the same id, with a new deadline.

    Earlier attempts are kept. What a partner received before it recognises, and answers with the same
    receipt. It turns away an envelope that is older than its window for new messages, usually 10 days.
    """
    query = _narrowed(_query(ids, partner, state, error, before, since), everything=everything)
    _operate("requeue", query, reason, name, config, yes=yes, json=json)


@dead.command("drop")
def drop_dead(
    reason: Reason,
    ids: Ids = None,
    partner: Partner = "",
    error: Error = "",
    before: Before = None,
    since: Since = None,
    everything: All = False,
    name: Who = None,
    yes: Yes = False,
    config: Config = DEFAULT_CONFIG,
    json: Json = False,
) -> None:
    """Put away what was given up; it does not wait for an operator any more."""
    from gateway.exchange.delivery_query import DEAD_LETTERS

    query = _query(ids, partner, [state.value for state in DEAD_LETTERS], error, before, since)
    _operate("drop", _narrowed(query, everything=everything), reason, name, config, yes=yes, json=json)


def _query(  # what the options say
    ids: list[str] | None,
    partner: str,
    state: list[str] | None,
    error: str,
    before: str | None,
    since: str | None,
    after: str = "",
    limit: int = 100,
) -> "DeliveryQuery":
    """What is looked for."""
    from gateway.exchange.delivery_query import DeliveryQuery

    return DeliveryQuery(
        tuple(ids or ()),
        partner,
        tuple(map(_state, state or ())),
        error,
        moment(before, "--before"),
        moment(since, "--since"),
        after,
        limit,
    )


def _state(word: str) -> "DeliveryState":
    """A state by its word."""
    from gateway.exchange.delivery import DeliveryState

    if word not in set(DeliveryState):
        raise typer.BadParameter(f"known states: {', '.join(DeliveryState)}", param_hint="--state")
    return DeliveryState(word)


def _narrowed(query: "DeliveryQuery", *, everything: bool) -> "DeliveryQuery":
    """Refuse an act on everything that was not meant to be one."""
    narrow = query.ids or query.partner or query.error_code or query.created_before or query.created_since
    if not narrow and not everything:
        raise typer.BadParameter("say which: ids, --partner, --error, --before, --since; or --all")
    return query


def _list(query: "DeliveryQuery", config: Config, *, json: bool) -> None:
    """Look and print."""
    from gateway.cli.operating import print_page, search
    from gateway.config import load

    print_page(search(load(config), query), limit=query.limit, json=json)


def _operate(
    act: str, query: "DeliveryQuery", reason: str, name: str | None, config: Config, *, yes: bool, json: bool
) -> None:
    """Preview, ask, act."""
    from gateway.cli.operating import operate
    from gateway.config import load
    from gateway.flows.author import Author
    from gateway.flows.operate import Act

    who = author_of(name, reason, json=json, yes=yes)
    operate(Act(act), query, Author(who, reason), load(config), yes=yes, json=json)
