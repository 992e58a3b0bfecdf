"""What the holder of a token may do at the HTTP API: scopes, and which of them belong to which role."""

from enum import StrEnum

from gateway.errors import MalformedRequest
from gateway.permits.identity import Role


class Scope(StrEnum):
    """One thing that a token may open; the text is what `ecites token new --scope` takes."""

    SUBMIT = "permits:submit"
    """Hand permits over to be sealed and sent."""
    CHECK = "permits:check"
    """Ask whether a permit is valid."""
    FORM = "permits:read"
    """See a permit that concerns the authority, drawn as its form."""
    LEDGER = "ledger:read"
    """See what became of a permit: its statuses, what was written off, what is left."""
    ENDORSE = "endorsements:write"
    """Write off what crossed the border, and take an endorsement back."""
    STATUS = "status:write"
    """Say where a permit stands: cancelled, suspended, refused at the border ..."""
    RECEIPTS = "receipts:read"
    """Follow what was submitted, and fetch the partners' signed receipts."""
    INBOX = "inbox:read"
    """See what waits in the inbox, and fetch it."""
    EVENTS = "events:read"
    """See what happened, and say what is kept safely."""
    ACKNOWLEDGE = "inbox:acknowledge"
    """Say that something is kept safely, so that it leaves the inbox."""


_READ = frozenset({Scope.RECEIPTS, Scope.INBOX, Scope.ACKNOWLEDGE, Scope.EVENTS})

OF_ROLE: dict[Role, frozenset[Scope]] = {
    Role.MA: _READ | {Scope.SUBMIT, Scope.CHECK, Scope.FORM, Scope.LEDGER, Scope.STATUS},
    Role.CUSTOMS: _READ | {Scope.CHECK, Scope.FORM, Scope.LEDGER, Scope.ENDORSE, Scope.STATUS},
    Role.HUB: _READ,
}
"""All that an authority of a role may do; a token can be narrower, never wider."""


def scopes_for(role: Role, wanted: frozenset[Scope] | None = None) -> frozenset[Scope]:
    """What a token of a role may do: `wanted`, or everything of the role when that says nothing."""
    return OF_ROLE[role] if wanted is None else OF_ROLE[role] & wanted


def read_scopes(words: tuple[str, ...], role: Role) -> frozenset[Scope]:
    """
    Scopes as an operator writes them.

    Raises `MalformedRequest` for one that does not exist, or that the role does not have.
    """
    may = sorted(OF_ROLE[role])
    for word in words:
        if word not in may:
            raise MalformedRequest(
                f"{word!r} is not a scope of an authority with the role {role}",
                advice=f"write one of {', '.join(may)}",
            )
    return frozenset(Scope(word) for word in words)
