"""Whether a permit has a token, and whether somebody who asks about it knows that token."""

import asyncio
from datetime import datetime

from gateway.errors import IdempotencyKeyReused, MalformedRequest
from gateway.flows.ports import Node
from gateway.permits.identity import AuthorityId, PermitRef, Role
from gateway.permits.record import PermitRecord
from gateway.permits.token_id import NOBODYS, TokenHash, TokenPolicy, checked, fits, new_token

MAKE_ONE = "new"
"""Given in place of a token by an authority that lets the gateway make one; too short to be one itself."""


def token_for(given: str, caller: AuthorityId, node: Node) -> str:
    """
    The token that a new permit gets, empty for none.

    Raises `MalformedRequest` for one that cannot be used, or where the authority has none.
    """
    policy = node.token_policies.get(caller, TokenPolicy.NONE)
    if policy is TokenPolicy.NONE:
        if given:
            raise MalformedRequest(
                f"{caller} gives its permits no tokens here",
                advice="leave the header out, or ask the operator for permit_tokens in the configuration",
            )
        return ""
    if given == MAKE_ONE or (policy is TokenPolicy.REQUIRED and not given):
        return new_token()
    return checked(given) if given else ""


async def require_same_token(given: str, ref: PermitRef, node: Node) -> None:
    """A permit that is submitted again comes with the same token or none; raises `IdempotencyKeyReused`."""
    if given in ("", MAKE_ONE):
        return
    async with node.storage.read() as transaction:
        kept = await transaction.permit_tokens.find(ref)
    if not await asyncio.to_thread(fits, given, kept or NOBODYS):
        raise IdempotencyKeyReused(
            "this permit was submitted before with another token, or with none",
            advice="repeat a request as it was; the token of an issued permit does not change",
        )


async def admitted(
    record: PermitRecord | None,
    kept: TokenHash | None,
    caller: AuthorityId,
    token: str,
    ref: PermitRef,
    node: Node,
    at: datetime,
) -> bool:
    """
    Whether somebody may hear of a permit; one who may not is told what is told of an unknown one.

    1. Without a token: of a permit that has none, and whoever was handed the permit here.
    2. Tokens of a Party are with the gateway of its Management Authority; elsewhere nothing is compared.
    3. Each token is compared, also where there is no such permit, so that the answer takes as long; a wrong
       one counts, and after too many none is compared any more.

    `record` and `kept` are what is stored of permit `ref`. Raises `TooManyGuesses`.
    """
    # 1
    if not token:
        return record is None or kept is None or _was_handed(record, caller, node)
    # 2
    if not any(each in node.directory.hosted for each in node.directory.of_party(ref.issuer, Role.MA)):
        return True
    # 3
    node.guesses.begin(caller, ref, at)
    right = await asyncio.to_thread(fits, token, kept or NOBODYS)
    if record is not None and (right or kept is None):
        node.guesses.forgive(caller, ref)
        return True
    return False


def _was_handed(record: PermitRecord, caller: AuthorityId, node: Node) -> bool:
    """Whether the permit went into the caller's inbox here: it has the whole document (step 1)."""
    return caller in node.directory.hosted and caller.party in (
        record.ref.issuer,
        record.exporter,
        record.importer,
    )
