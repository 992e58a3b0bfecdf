"""Who calls: bearer tokens, each bound to one authority, or to one partner for its mailbox."""

import contextlib
import hashlib

from aiohttp import web

from gateway.errors import Forbidden, ScopeMissing, StorageError, Unauthenticated
from gateway.exchange.directory import Partner
from gateway.exchange.grants import Grant
from gateway.flows.ports import Node
from gateway.flows.tls_identity import authority_that_shows, require_tls_identity
from gateway.flows.tokens import note_use
from gateway.permits.identity import AuthorityId
from gateway.permits.scopes import OF_ROLE, Scope, scopes_for
from gateway.signatures.keys import fingerprint
from gateway.web.keys import NODE, TRAIL
from gateway.web.limits import count_caller, count_stranger
from gateway.web.peer import peer_of, shown_by

_HEADER, _SCHEME = "Authorization", "bearer "


async def caller_of(request: web.Request, scope: Scope) -> AuthorityId:
    """
    The authority that calls, if it may do what `scope` says.

    1. It holds a bearer token (RFC 6750) that is known here and has not expired. Without any, the TLS
       certificate of its own system says the same for all scopes of its role. Who has neither is counted by
       address.
    2. It is an authority that lives here, and has not asked too often.
    3. The authority's role has the scope, and the token was not made narrower.
    4. The day of the token's use is noted.

    Raises `Unauthenticated`, `TooManyRequests`, `Forbidden` or `ScopeMissing`.
    """
    node, trail = request.app[NODE], request[TRAIL]
    # 1
    try:
        grant = _shown_grant(request) or await _grant_of(
            request, "use a token that `ecites init` or `ecites token new` showed"
        )
    except Unauthenticated:
        count_stranger(request)
        raise
    # 2
    count_caller(request, grant.token_hash)
    authority = grant.authority
    if authority is None:
        trail.partner = grant.partner
        raise Forbidden(
            f"this token is that of partner {grant.partner}, which opens its mailbox and nothing else",
            advice="use the token of an authority that lives here",
        )
    if authority not in node.directory.hosted:
        raise _unknown("use the token of an authority that lives here")
    trail.actor = trail.authority = str(authority)
    # 3
    _require(scope, authority, grant)
    # 4
    if _HEADER in request.headers:
        await _note_use(grant, node)
    return authority


def _shown_grant(request: web.Request) -> Grant | None:
    """
    What a caller may do that sends no token and shows the certificate of an authority's own system.

    Raises `Forbidden` or `MalformedRequest`.
    """
    if _HEADER in request.headers:
        return None
    certificate, node = shown_by(request), request.app[NODE]
    if certificate is None:
        return None
    authority = authority_that_shows(certificate, node, node.clock.now())
    if authority is None:
        return None
    return Grant(fingerprint(certificate), authority, "", certificate.not_valid_before_utc)


def _require(scope: Scope, authority: AuthorityId, grant: Grant) -> None:
    """Raises `Forbidden` when the role does not have the scope, `ScopeMissing` when the token does not."""
    if scope not in scopes_for(authority.role):
        roles = " or ".join(role for role, scopes in OF_ROLE.items() if scope in scopes)
        raise Forbidden(
            f"{authority} may not do this",
            advice=f"it needs the token of an authority with the role {roles}",
        )
    if scope not in grant.scopes:
        raise ScopeMissing(
            f"this token of {authority} was made without the scope {scope}",
            advice=f"use one that has it, or ask for one: ecites token new --authority ... --scope {scope}",
            scope=scope.value,
        )


async def _note_use(grant: Grant, node: Node) -> None:
    """Once a day; a database that cannot keep it stops nobody who only reads."""
    with contextlib.suppress(StorageError):
        await note_use(grant, node.clock.now().date(), node)


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
    ask = "ask the operator of this gateway for one: ecites token new --partner NAME"
    grant = await _grant_of(request, ask)
    if grant.authority is not None:
        trail.authority = str(grant.authority)
        raise Forbidden(
            f"this token is that of {grant.authority}; a mailbox is opened by the token of a partner gateway",
            advice="make one with: ecites token new --partner NAME",
        )
    partner = node.directory.partners.get(grant.partner)
    if partner is None:
        raise _unknown(ask)
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
    await _note_use(grant, node)
    return partner


async def _grant_of(request: web.Request, advice: str) -> Grant:
    """What the request's token opens; raises `Unauthenticated` when it is missing, unknown or expired."""
    token_hash, node = _token_hash(request), request.app[NODE]
    async with node.storage.read() as transaction:
        grant = await transaction.tokens.find(token_hash)
    if grant is None:
        raise _unknown(advice)
    if not grant.good_at(node.clock.now()):
        raise Unauthenticated(
            f"this token has expired on {grant.expires_at:%Y-%m-%d}",
            advice="ask the operator of this gateway for a new one: ecites token new",
        )
    return grant


def _unknown(advice: str) -> Unauthenticated:
    """The token leads to nobody."""
    return Unauthenticated("this token is not known here", advice=advice)


def _token_hash(request: web.Request) -> str:
    """
    The hash of the request's bearer token.

    Only it is looked up, so no comparison can leak how much of a token was right. Raises `Unauthenticated`
    when there is none.
    """
    header = request.headers.get(_HEADER, "")
    if not header.lower().startswith(_SCHEME):
        raise Unauthenticated(
            "this address needs a token", advice="send the header: Authorization: Bearer TOKEN"
        )
    return hashlib.sha256(header[len(_SCHEME) :].strip().encode()).hexdigest()
