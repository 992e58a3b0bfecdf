"""Options that several commands share."""

from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gateway.codec.profile import Profile

if TYPE_CHECKING:
    from gateway.signatures.policy import SignaturePolicy

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object instead of text.")]

Config = Annotated[
    Path,
    typer.Option("--config", "-c", help="The configuration file.", envvar="ECITES_CONFIG", dir_okay=False),
]

At = Annotated[
    str | None,
    typer.Option(
        "--at", metavar="TIME", help="The moment to check at (ISO 8601; UTC unless it says a zone)."
    ),
]

File = Annotated[Path, typer.Argument(help="The permit, as XML.", exists=True, dir_okay=False, readable=True)]


class Language(StrEnum):
    """The choices of --language: the working languages of the Convention."""

    EN = "en"
    FR = "fr"
    ES = "es"


InLanguage = Annotated[
    Language,
    typer.Option("--language", "-l", help="Language of the words.", envvar="ECITES_LANGUAGE"),
]

ReadAs = Annotated[
    Profile,
    typer.Option("--profile", help="Tolerant reads what real senders get wrong and says so."),
]

Reason = Annotated[str, typer.Option(help="Why; it stands in the message log.")]
Who = Annotated[
    str | None,
    typer.Option("--as", metavar="NAME", help="Who does it; the user of this computer otherwise."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]

MinRsaBits = Annotated[
    int | None,
    typer.Option(
        "--min-rsa-bits", metavar="BITS", help="2048 for a signer that says that it still uses such RSA keys."
    ),
]

DEFAULT_CONFIG = Path("ecites.toml")


def moment(text: str | None, option: str) -> datetime | None:
    """
    An aware moment from an option; a date counts from its first second.

    Ends with a usage error when it is not ISO 8601.
    """
    if text is None:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter(
            f"{text!r} is not a time; write 2026-11-23, or 2026-11-23T14:30:00Z", param_hint=option
        ) from None
    return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)


def policy_with(min_rsa_bits: int | None) -> "SignaturePolicy":
    """
    The policy for signatures, with the shortest RSA key that --min-rsa-bits accepts when it is given.

    Ends with a usage error for a length that nobody may ask for.
    """
    from dataclasses import replace

    from gateway.signatures.policy import DEFAULT_POLICY, check_rsa_bits

    if min_rsa_bits is None:
        return DEFAULT_POLICY
    try:
        check_rsa_bits(min_rsa_bits)
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--min-rsa-bits") from None
    return replace(DEFAULT_POLICY, min_rsa_bits=min_rsa_bits)


MAX_NAME = 64
"""Characters of the name of who makes a change; the message log has room for so many."""


def name_of(name: str | None) -> str:
    """Who does something, by --as or as the user of this computer; raises `typer.BadParameter`."""
    import getpass

    who = name or getpass.getuser()
    if not who.isprintable() or len(who) > MAX_NAME:
        raise typer.BadParameter(
            f"write a name of at most {MAX_NAME} printable characters", param_hint="--as"
        )
    return who


def author_of(name: str | None, reason: str, *, json: bool, yes: bool) -> str:
    """
    Who makes a change; name and reason are checked before anything is read.

    Raises `typer.BadParameter`.
    """
    who = name_of(name)
    if not reason.strip() or not reason.isprintable():
        raise typer.BadParameter("say in one line why you do it", param_hint="--reason")
    if json and not yes:
        raise typer.BadParameter("nobody can be asked when JSON is wanted; add --yes", param_hint="--json")
    return who
