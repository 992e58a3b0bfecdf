"""Who calls: bearer tokens, each bound to one authority, or to one partner for its mailbox."""

import hashlib

from aiohttp import web

from gateway.errors import Forbidden, Unauthenticated
from gateway.exchange.directory import Partner
from gateway.flows.tls_identity import require_tls_identity
from gateway.permits.identity import AuthorityId, Role
from gateway.web.keys import NODE, TRAIL
from gateway.web.peer import peer_of

_SCHEME = "bearer "


async def caller_of(request: web.Request, *roles: Role) -> AuthorityId:
    """
    The authority that holds the request's bearer token (RFC 6750).

    With `roles`, one of them is needed. Raises `Unauthenticated` or `Forbidden`.
    """
    token_hash = _token_hash(request)
    node = request.app[NODE]
    async with node.storage.read() as transaction:
        authority = await transaction.tokens.authority_of(token_hash)
        partner = None if authority else await transaction.tokens.partner_of(token_hash)
    if partner is not None:
        request[TRAIL].partner = partner
        raise Forbidden(
            f"this token is that of partner {partner}, which opens its mailbox and nothing else",
            advice="use the token of an authority that lives here",
        )
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


async def partner_of(request: web.Request) -> Partner:
    """
    The partner that comes for its mailbox.

    1. It shows the TLS certificate that this door asks for, if it asks for any.
    2. It holds the request's bearer token; that of an authority is none.
    3. It has a mailbox here.
    4. The connection is that of the same partner, where TLS certificates are registered for it.

    Raises `Unauthenticated`, `Forbidden` or `IdentityMismatch`.
    """
    node, trail = request.app[NODE], request[TRAIL]
    # 1
    trail.tls = peer_of(request)
    # 2
    token_hash = _token_hash(request)
    async with node.storage.read() as transaction:
        name = await transaction.tokens.partner_of(token_hash)
        authority = None if name else await transaction.tokens.authority_of(token_hash)
    if authority is not None:
        trail.authority = str(authority)
        raise Forbidden(
            f"this token is that of {authority}; a mailbox is opened by the token of a partner gateway",
            advice="make one with: ecites token new --partner NAME",
        )
    partner = node.directory.partners.get(name or "")
    if partner is None:
        raise Unauthenticated(
            "this token is not known here",
            advice="ask the operator of this gateway for one: ecites token new --partner NAME",
        )
    # 3
    trail.partner = partner.id
    if not partner.mailbox:
        raise Forbidden(
            f"partner {partner.id} has no mailbox here: its messages are sent to it",
            advice="ask the operator of this gateway to say mailbox = true in its table",
        )
    # 4
    require_tls_identity(partner, node, trail, node.clock.now(), "token")
    trail.actor = partner.id
    return partner


def _token_hash(request: web.Request) -> str:
    """
    The hash of the request's bearer token.

    Only it is looked up, so no comparison can leak how much of a token was right. Raises `Unauthenticated`
    when there is none.
    """
    header = request.headers.get("Authorization", "")
    if not header.lower().startswith(_SCHEME):
        raise Unauthenticated(
            "this address needs a token", advice="send the header: Authorization: Bearer TOKEN"
        )
    return hashlib.sha256(header[len(_SCHEME) :].strip().encode()).hexdigest()
