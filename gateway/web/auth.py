"""Who calls: bearer tokens, each bound to one authority."""

import hashlib

from aiohttp import web

from gateway.errors import Forbidden, Unauthenticated
from gateway.permits.identity import AuthorityId, Role
from gateway.web.keys import NODE, TRAIL

_SCHEME = "bearer "


async def caller_of(request: web.Request, *roles: Role) -> AuthorityId:
    """
    The authority that holds the request's bearer token (RFC 6750).

    With `roles`, one of them is needed. Raises `Unauthenticated` or `Forbidden`.
    """
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(_SCHEME):
        raise Unauthenticated(
            "this address needs a token", advice="send the header: Authorization: Bearer TOKEN"
        )
    # Only the hash is looked up, so no comparison can leak how much of a token was right.
    token_hash = hashlib.sha256(header[len(_SCHEME) :].strip().encode()).hexdigest()
    node = request.app[NODE]
    async with node.storage.read() as transaction:
        authority = await transaction.tokens.authority_of(token_hash)
    if authority is None or authority not in node.directory.hosted:
        raise Unauthenticated(
            "this token is not known here", advice="use a token that `ecites init` of this gateway showed"
        )
    request[TRAIL].actor = request[TRAIL].authority = str(authority)
    if roles and authority.role not in roles:
        raise Forbidden(
            f"{authority} may not do this",
            advice=f"it needs the token of an authority with the role {' or '.join(roles)}",
        )
    return authority
