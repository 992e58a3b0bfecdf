"""The conditions of a search in the message log, as options that several commands share."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from gateway.messagelog.entry import EntryKind

if TYPE_CHECKING:
    from gateway.messagelog.query import LogQuery

Number = Annotated[str, typer.Option(help="Permit number, whole.")]
Issuer = Annotated[str, typer.Option(help="Issuing Party, two letters.")]
Partner = Annotated[str, typer.Option(help="Id of a partner gateway.")]
Authority = Annotated[str, typer.Option(help="For example FR:CUSTOMS.")]
Actor = Annotated[str, typer.Option(help="Who did it: an authority, a partner, worker, a person's name.")]
Kinds = Annotated[
    list[EntryKind] | None,
    typer.Option("--kind", help="What happened; several times for any of them."),
]
Outcome = Annotated[str, typer.Option(help="accepted, delivered, refused, or the code of an error.")]
ErrorCode = Annotated[str, typer.Option(help="For which something was turned away or failed.")]
MessageId = Annotated[str, typer.Option(help="Id of a message.")]
CorrelationId = Annotated[str, typer.Option(help="Of a request, as its answer showed it.")]
Text = Annotated[str, typer.Option(metavar="WORDS", help="Whole words of the detail, in any order.")]
Since = Annotated[str | None, typer.Option(metavar="TIME", help="From this moment on (ISO 8601).")]
Until = Annotated[str | None, typer.Option(metavar="TIME", help="Before this moment (ISO 8601).")]
Before = Annotated[str, typer.Option(metavar="ID", help="Older than this entry: the next page.")]


def query_from(
    *, kinds: list[EntryKind] | None, text: str, since: str | None, until: str | None, **words: Any
) -> "LogQuery":
    """
    The query of a command's options, by their names.

    Ends with a usage error for what is no time, or a text without a word.
    """
    from gateway.cli.options import moment
    from gateway.errors import MalformedRequest
    from gateway.messagelog.query import LogQuery, check_text

    try:
        check_text(text)
    except MalformedRequest as error:
        raise typer.BadParameter(error.message, param_hint="--text") from None

    return LogQuery(
        kinds=tuple(kinds or ()),
        text=text,
        since=moment(since, "--since"),
        until=moment(until, "--until"),
        **words,
    )
